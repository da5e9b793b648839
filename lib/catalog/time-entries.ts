import type { Entity } from "./entity";

export const timeEntries: Entity = {
  name: "time_entries",
  label: "Time entry",
  idColumn: "entry_id",
  titleColumn: "notes",
  columns: [
    { name: "company_id", type: "text" },
    { name: "company_name", type: "text" },
    { name: "member_id", type: "text" },
    { name: "member_name", type: "text" },
    { name: "work_type_id", type: "text" },
    { name: "work_type_name", type: "text" },
    { name: "time_start", type: "datetime" },
    { name: "time_end", type: "datetime" },
    { name: "actual_hours", type: "decimal" },
    { name: "billable_option", type: "text" },
    { name: "notes", type: "text" },
    { name: "date_entered", type: "datetime" },
  ],
};

import type { Entity } from "./entity";

export const tickets: Entity = {
  name: "tickets",
  label: "Ticket",
  idColumn: "ticket_id",
  titleColumn: "summary",
  columns: [
    { name: "ticket_number", type: "text" },
    { name: "summary", type: "text" },
    { name: "description", type: "text" },
    { name: "status", type: "text", required: true },
    { name: "priority", type: "text" },
    { name: "severity", type: "text" },
    { name: "company_id", type: "text" },
    { name: "company_name", type: "text" },
    { name: "contact_id", type: "text" },
    { name: "contact_name", type: "text" },
    { name: "owner_id", type: "text" },
    { name: "owner_name", type: "text" },
    { name: "created_date", type: "datetime" },
    { name: "closed_date", type: "datetime" },
    { name: "budget_hours", type: "decimal" },
    { name: "actual_hours", type: "decimal" },
  ],
};

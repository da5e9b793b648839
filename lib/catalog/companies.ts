import type { Entity } from "./entity";

export const companies: Entity = {
  name: "companies",
  label: "Company",
  idColumn: "company_id",
  titleColumn: "company_name",
  columns: [
    { name: "company_name", type: "text", required: true },
    { name: "company_identifier", type: "text" },
    { name: "company_type", type: "text" },
    { name: "status", type: "text", required: true },
    { name: "address_line1", type: "text" },
    { name: "address_line2", type: "text" },
    { name: "city", type: "text" },
    { name: "state", type: "text" },
    { name: "zip", type: "text" },
    { name: "country", type: "text" },
    { name: "phone_number", type: "text" },
    { name: "website", type: "text" },
    { name: "annual_revenue", type: "decimal" },
    { name: "number_of_employees", type: "integer" },
  ],
};

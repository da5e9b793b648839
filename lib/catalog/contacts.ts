import type { Entity } from "./entity";

export const contacts: Entity = {
  name: "contacts",
  label: "Contact",
  idColumn: "contact_id",
  titleColumn: "last_name",
  columns: [
    { name: "company_id", type: "text", required: true },
    { name: "company_name", type: "text" },
    { name: "first_name", type: "text" },
    { name: "last_name", type: "text" },
    { name: "title", type: "text" },
    { name: "department", type: "text" },
    { name: "default_email_address", type: "text", format: "email" },
    { name: "default_phone_number", type: "text" },
    { name: "address_line1", type: "text" },
    { name: "city", type: "text" },
    { name: "state", type: "text" },
    { name: "zip", type: "text" },
    { name: "country", type: "text" },
  ],
};

/** How the makers write their names. */
const NAMES: Readonly<Record<string, string>> = {
  connectwise: "ConnectWise",
  servicenow: "ServiceNow",
  salesforce: "Salesforce",
};

/** The name of a source system as people write it; one that is not known stays as it is. */
export function sourceName(sourceSystem: string): string {
  return NAMES[sourceSystem.toLowerCase()] ?? sourceSystem;
}

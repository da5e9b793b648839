/** A kind of trouble that reaches a service desk. Braces name places that a `fill` completes. */
export interface IssueKind {
  summaries: readonly string[];
  /** Each belongs to the summary at its place. */
  descriptions: readonly string[];
  workType: string;
  /** Minutes of work one step of it takes, least and most. */
  minutes: readonly [number, number];
  /** Chances of priority 1 to 4, in proportion. */
  priorities: readonly [number, number, number, number];
  /** Raised by monitoring, at any hour, and not by a person. */
  alert?: true;
}

export interface Place {
  city: string;
  state: string | null;
  zip: string;
  dialCode: string;
}

/** The words of one demo tenant's market. */
export interface PhraseBook {
  country: string;
  /** `{surname}` and `{city}` are completed; each pattern stands for a trade. */
  companyNames: readonly string[];
  /** What a company calls itself when it renames. */
  newNameEnds: readonly string[];
  domainEnd: string;
  streets: readonly string[];
  /** Whether the number stands before the street. */
  numberFirst: boolean;
  places: readonly Place[];
  firstNames: readonly string[];
  lastNames: readonly string[];
  titles: readonly string[];
  departments: readonly string[];
  issues: readonly IssueKind[];
  /** What a technician writes on a time entry. */
  notes: readonly string[];
  /** Work that belongs to no ticket. */
  internalNotes: readonly string[];
  /** What the places in a summary or description stand for. */
  fill: Readonly<Record<string, readonly string[]>>;
}

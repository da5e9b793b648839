/** A refusal as S3 words it. */
export class S3Error extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Further elements of the answer, and headers that a HEAD carries them in. */
    readonly more: {
      readonly elements?: Record<string, string>;
      readonly headers?: Record<string, string>;
    } = {},
  ) {
    super(message);
    this.name = "S3Error";
  }

  toXml(): string {
    const elements = { Code: this.code, Message: this.message, ...this.more.elements };
    const inner = Object.entries(elements).map(
      ([name, text]) => `<${name}>${escapeXml(text)}</${name}>`,
    );
    return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner.join("")}</Error>`;
  }
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

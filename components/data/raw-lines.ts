/** A stretch of a raw line: the name of a key, or anything else. */
export interface RawToken {
  text: string;
  kind: "key" | "text";
}

export interface RawLine {
  number: number;
  tokens: readonly RawToken[];
  /** The key that this line gives a value to, at the top level of the record. */
  key: string | null;
}

const LONGEST_LINE = 2_000;

/**
 * A raw record as lines. A record that is one JSON object is broken after its top-level commas, by walking over its text and not by parsing it: what was
 * delivered stays as it was, with keys that come twice, numbers too long for a double and odd escapes. Anything else is shown in the lines that it has.
 * @param text as delivered, at most some hundred thousand characters
 */
export function rawLines(text: string): RawLine[] {
  const record = splitRecord(text.trim());
  if (record !== null) {
    return [
      line(1, [{ text: "{", kind: "text" }], null),
      ...record.map((member, index) =>
        line(index + 2, memberTokens(member, index < record.length - 1), member.key),
      ),
      line(record.length + 2, [{ text: "}", kind: "text" }], null),
    ];
  }
  return text
    .split(/\r?\n/)
    .map((part, index) => line(index + 1, [{ text: part, kind: "text" }], null));
}

interface Member {
  keyText: string;
  key: string;
  value: string;
}

function line(number: number, tokens: RawToken[], key: string | null): RawLine {
  let left = LONGEST_LINE;
  const cut: RawToken[] = [];
  for (const token of tokens) {
    if (left <= 0) break;
    cut.push(
      token.text.length > left ? { ...token, text: `${token.text.slice(0, left)}…` } : token,
    );
    left -= token.text.length;
  }
  return { number, tokens: cut, key };
}

function memberTokens(member: Member, comma: boolean): RawToken[] {
  return [
    { text: "  ", kind: "text" },
    { text: member.keyText, kind: "key" },
    { text: `: ${member.value}${comma ? "," : ""}`, kind: "text" },
  ];
}

/** The members of an object's text, or null when it is not one object that ends where the text does. */
function splitRecord(text: string): Member[] | null {
  if (!text.startsWith("{") || !text.endsWith("}")) return null;
  const members: Member[] = [];
  let at = 1;
  const space = () => {
    while (/\s/.test(text.charAt(at))) at += 1;
  };
  space();
  if (at === text.length - 1) return members;
  for (;;) {
    space();
    const keyEnd = stringEnd(text, at);
    if (keyEnd === null) return null;
    const keyText = text.slice(at, keyEnd);
    at = keyEnd;
    space();
    if (text.charAt(at) !== ":") return null;
    at += 1;
    space();
    const valueEnd = skipValue(text, at);
    if (valueEnd === null) return null;
    members.push({ keyText, key: keyName(keyText), value: text.slice(at, valueEnd).trim() });
    at = valueEnd;
    const end = text.charAt(at);
    at += 1;
    if (end === "}") return at === text.length ? members : null;
    if (end !== ",") return null;
  }
}

/** The place behind a string that begins at `from`, or null when there is none. */
function stringEnd(text: string, from: number): number | null {
  if (text.charAt(from) !== '"') return null;
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === "\\") at += 1;
    else if (char === '"') return at + 1;
  }
  return null;
}

/** The place of the comma or brace that ends the value which begins at `from`. */
function skipValue(text: string, from: number): number | null {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') {
      const end = stringEnd(text, at);
      if (end === null) return null;
      at = end - 1;
    } else if (char === "{" || char === "[") depth += 1;
    else if (char === "]" || char === "}") {
      if (depth === 0) return char === "}" ? at : null;
      depth -= 1;
    } else if (char === "," && depth === 0) return at;
  }
  return null;
}

function keyName(keyText: string): string {
  try {
    return String(JSON.parse(keyText));
  } catch {
    // A key with a broken escape is named by its own text.
    return keyText.slice(1, -1);
  }
}

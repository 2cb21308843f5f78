// Which fields does a record of separated text have? RFC 4180, told apart from records that are still open or broken. Pure.

export type Delimiter = ',' | '\t' | ';' | '|';
export const DELIMITERS: readonly Delimiter[] = [',', '\t', ';', '|'];

/** A quoted field may run over this many lines; longer ones are a stray quote. */
const LINES_PER_RECORD_MAX = 50;

/** The fields, or `open` (a quoted field goes on in the next line), or `broken` (text after a closing quote). */
export function fieldsOf(record: string, delimiter: Delimiter): readonly string[] | 'open' | 'broken' {
  if (!record.includes('"')) return record.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (record[at] === '"') {
      let field = '';
      at++;
      for (;;) {
        const quote = record.indexOf('"', at);
        if (quote < 0) return 'open';
        field += record.slice(at, quote);
        at = quote + 1;
        if (record[at] !== '"') break;
        field += '"';
        at++;
      }
      fields.push(field);
      if (at < record.length && record[at] !== delimiter) return 'broken';
    } else {
      const end = record.indexOf(delimiter, at);
      fields.push(end < 0 ? record.slice(at) : record.slice(at, end));
      at = end < 0 ? record.length : end;
    }
    if (at >= record.length) return fields;
    at++;
  }
}

/** What a broken record means when its quotes are taken literally. */
const literalFieldsOf = (line: string, delimiter: Delimiter): readonly string[] => line.split(delimiter);

export type RecordReader = {
  readonly push: (line: string) => readonly (readonly string[])[];
  readonly end: () => readonly (readonly string[])[];
};

/** Turns physical lines (without their ends) into records. A record that never closes is read line by line, its quotes as text. */
export function recordReader(delimiter: Delimiter): RecordReader {
  let waiting: string[] = [];
  const settle = (isEnd: boolean): (readonly string[])[] => {
    const records: (readonly string[])[] = [];
    let lines = waiting;
    waiting = [];
    while (lines.length > 0) {
      let taken = 1;
      let fields = fieldsOf(lines[0]!, delimiter);
      while (fields === 'open' && taken < lines.length) {
        taken++;
        fields = fieldsOf(lines.slice(0, taken).join('\n'), delimiter);
      }
      if (fields === 'open' && !isEnd && lines.length < LINES_PER_RECORD_MAX) {
        waiting = lines;
        return records;
      }
      if (typeof fields === 'string') {
        records.push(literalFieldsOf(lines[0]!, delimiter));
        taken = 1;
      } else records.push(fields);
      lines = lines.slice(taken);
    }
    return records;
  };
  return {
    push: (line) => {
      waiting.push(line.endsWith('\r') ? line.slice(0, -1) : line);
      return settle(false);
    },
    end: () => settle(true),
  };
}

/** The records of a text, at most `limit`; a last line that the text cuts off is left out when `isCut`. */
export function recordsOf(text: string, delimiter: Delimiter, limit: number, isCut = false): (readonly string[])[] {
  const lines = text.split('\n');
  if (isCut || lines.at(-1) === '') lines.pop();
  const reader = recordReader(delimiter);
  const records: (readonly string[])[] = [];
  for (const line of lines) {
    records.push(...reader.push(line));
    if (records.length >= limit) return records.slice(0, limit);
  }
  if (!isCut) records.push(...reader.end());
  return records.slice(0, limit);
}

const mustQuote = /[",\t;|\n\r]/;
const csvField = (field: string): string => (mustQuote.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

/** One line of RFC 4180 text, with its end. */
export const csvLine = (fields: readonly string[], delimiter: Delimiter = ','): string =>
  `${fields.map(csvField).join(delimiter)}\n`;

// What a refused call is in the console: the code and the words of the server's problem document, or what happened on the way to it.
type ProblemDocument = {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly [detail: string]: unknown;
};

export class ApiProblem extends Error {
  /** A code of docs/errors.md, or `offline` when no answer came. */
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: string, status: number, words: string, details: Readonly<Record<string, unknown>> = {}) {
    super(words);
    this.name = 'ApiProblem';
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

const isProblem = (value: unknown): value is ProblemDocument =>
  typeof value === 'object' && value !== null && 'code' in value && 'title' in value;

/** The problem of an answer that was not a success. The title already is in the language the call asked for. */
export async function problemOf(response: Response, otherwise: string): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => undefined);
  return isProblem(body)
    ? new ApiProblem(body.code, response.status, body.title, body)
    : new ApiProblem('unexpected', response.status, otherwise);
}

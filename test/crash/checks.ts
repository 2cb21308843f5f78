// Counts what held and what did not, and says which.
export type Checks = {
  readonly that: (holds: boolean, what: string, detail?: unknown) => void;
  readonly equal: (found: unknown, expected: unknown, what: string) => void;
  readonly passed: () => number;
  readonly failed: () => number;
};

export function openChecks(): Checks {
  let passed = 0;
  let failed = 0;
  const that = (holds: boolean, what: string, detail?: unknown): void => {
    if (holds) passed++;
    else {
      failed++;
      console.log(`  FAILED ${what}${detail === undefined ? '' : `: ${JSON.stringify(detail)}`}`);
    }
  };
  return {
    that,
    equal: (found, expected, what) =>
      that(JSON.stringify(found) === JSON.stringify(expected), what, { found, expected }),
    passed: () => passed,
    failed: () => failed,
  };
}

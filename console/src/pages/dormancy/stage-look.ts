// How stages look: those who are gone in ember tones, those who are here in quiet ones.
import type { StageName } from '../../../../src/http/contract/policies.ts';
import type { Palette } from '../../theme/theme.ts';

const DORMANT: ReadonlySet<StageName> = new Set(['dormant', 'lost', 'relapsed', 'sunset']);

export const isDormantStage = (stage: StageName): boolean => DORMANT.has(stage);

/** The colour of a stage in a chart; `not_yet`: not a customer at that time. The style sheet has the same for the strip. */
export function stageColour(stage: StageName | 'not_yet', { series, muted, line, good }: Palette): string {
  const [ember, sea, gold, plum, leaf, rose] = series as [string, string, string, string, string, string];
  switch (stage) {
    case 'not_yet':
      return line;
    case 'new':
      return sea;
    case 'active':
      return leaf;
    case 'cooling':
      return gold;
    case 'dormant':
      return ember;
    case 'lost':
      return rose;
    case 'relapsed':
      return plum;
    case 'sunset':
      return muted;
    case 'recovered':
    case 'repermissioned':
      return good;
  }
}

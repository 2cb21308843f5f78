// What an analysis tells beyond the dormancy picture, each part only where the files hold what it needs.
import type { Day } from '../../kernel/days.ts';
import type { Text } from '../../kernel/lang.ts';
import type { DimensionName } from '../../understand/analytics/dimension.ts';
import type { Funnel } from '../../understand/analytics/funnel.ts';
import type { Retention } from '../../understand/analytics/retention.ts';
import type { Risk } from '../../understand/analytics/risk.ts';
import type { ReasonShares } from '../../understand/reasons/reasons.service.ts';
import type { RfmGroup } from '../../understand/value/rfm.ts';

/** What most of a group's dormant people would be shown. */
export type GroupProducts = {
  readonly group: RfmGroup;
  readonly label: Text;
  /** Its dormant people who bought products. */
  readonly people: number;
  /** `share`: of these people, those in whose ten best it is. */
  readonly products: readonly { readonly itemId: string; readonly name: string; readonly share: number }[];
};

export type AnalysisBeyond = {
  readonly retention: Retention;
  /** By category, else by brand, else by product; null where the files name none. */
  readonly byGroup: (Risk & { readonly by: DimensionName }) | null;
  /** Null without at least two kinds of event that lead to an order. */
  readonly funnel: Funnel | null;
  /** Null where nothing but the activity itself was seen: shares without a trace would be the table's own. */
  readonly reasons: ReasonShares | null;
  readonly recommended: {
    readonly model: string;
    readonly asOf: Day;
    readonly groups: readonly GroupProducts[];
  } | null;
};

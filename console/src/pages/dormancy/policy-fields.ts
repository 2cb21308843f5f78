// Between a policy and the flat fields of its form. Pure.
import type { PolicyWire, RuleWire } from '../../../../src/http/contract/policies.ts';

export type ScopeKind = 'everybody' | 'trait' | 'segment' | 'kept';

export type Fields = {
  policyId: string;
  nameEn: string;
  nameZh: string;
  activity: string[];
  scopeKind: ScopeKind;
  trait?: string;
  equals?: string;
  segmentId?: string;
  kind: RuleWire['kind'];
  coolingDays: number;
  dormantDays: number;
  lostDays: number;
  multiplier: number;
  minDays: number;
  maxDays: number;
  shrinkage: number;
  lostMultiplier: number;
  horizonDays: number;
  /** Chances in per cent. */
  coolingBelow: number;
  dormantBelow: number;
  lostBelow: number;
  fallbackDays: number;
  newDays: number;
  recoveredDays: number;
  relapsedDays: number;
  hasSunset: boolean;
  sunsetContacts: number;
  sunsetDays: number;
  sunsetAsks: boolean;
  sunsetAskAfterDays: number;
};

const USUAL = {
  coolingDays: 45,
  dormantDays: 90,
  lostDays: 365,
  multiplier: 3,
  minDays: 14,
  maxDays: 365,
  shrinkage: 2,
  lostMultiplier: 4,
  horizonDays: 60,
  coolingBelow: 50,
  dormantBelow: 25,
  lostBelow: 5,
  fallbackDays: 90,
  sunsetContacts: 4,
  sunsetDays: 90,
  sunsetAsks: false,
  sunsetAskAfterDays: 0,
} as const;

const inPercent = (chance: number): number => Math.round(chance * 1_000) / 10;

function ruleFields(rule: RuleWire): Partial<Fields> {
  if (rule.kind !== 'predicted') return rule;
  return {
    ...rule,
    coolingBelow: inPercent(rule.coolingBelow),
    dormantBelow: inPercent(rule.dormantBelow),
    lostBelow: inPercent(rule.lostBelow),
  };
}

type TraitScope = { readonly kind: 'trait'; readonly name: string; readonly equals: string };
const isTraitScope = (scope: unknown): scope is TraitScope =>
  typeof scope === 'object' &&
  scope !== null &&
  (scope as { kind?: unknown }).kind === 'trait' &&
  typeof (scope as { equals?: unknown }).equals === 'string' &&
  Object.keys(scope).length === 3;

export function fieldsOf(policy: PolicyWire): Fields {
  const { scope, sunset } = policy;
  return {
    ...USUAL,
    policyId: policy.policyId,
    nameEn: policy.name.en,
    nameZh: policy.name.zh,
    activity: [...policy.activity],
    scopeKind: scope === undefined ? 'everybody' : isTraitScope(scope) ? 'trait' : 'kept',
    ...(isTraitScope(scope) ? { trait: scope.name, equals: scope.equals } : {}),
    newDays: policy.newDays,
    recoveredDays: policy.recoveredDays,
    relapsedDays: policy.relapsedDays,
    hasSunset: sunset !== undefined,
    ...(sunset === undefined
      ? {}
      : {
          sunsetContacts: sunset.contacts,
          sunsetDays: sunset.days,
          sunsetAsks: sunset.askAgain !== undefined,
          sunsetAskAfterDays: sunset.askAgain?.afterDays ?? 0,
        }),
    kind: policy.rule.kind,
    ...ruleFields(policy.rule),
  };
}

function ruleOf(fields: Fields): RuleWire {
  switch (fields.kind) {
    case 'window':
      return {
        kind: 'window',
        coolingDays: fields.coolingDays,
        dormantDays: fields.dormantDays,
        lostDays: fields.lostDays,
      };
    case 'cadence':
      return {
        kind: 'cadence',
        multiplier: fields.multiplier,
        minDays: fields.minDays,
        maxDays: fields.maxDays,
        shrinkage: fields.shrinkage,
        lostMultiplier: fields.lostMultiplier,
      };
    case 'predicted':
      return {
        kind: 'predicted',
        horizonDays: fields.horizonDays,
        coolingBelow: fields.coolingBelow / 100,
        dormantBelow: fields.dormantBelow / 100,
        lostBelow: fields.lostBelow / 100,
        minDays: fields.minDays,
        maxDays: fields.maxDays,
        fallbackDays: fields.fallbackDays,
      };
  }
}

type Sunset = NonNullable<PolicyWire['sunset']>;

/** What the form does not show stays as it was: the channels, and a mail of the business's own. */
function sunsetOf(fields: Fields, kept: PolicyWire['sunset']): Sunset {
  return {
    contacts: fields.sunsetContacts,
    days: fields.sunsetDays,
    ...(kept?.channels === undefined ? {} : { channels: kept.channels }),
    ...(fields.sunsetAsks
      ? {
          askAgain: {
            afterDays: fields.sunsetAskAfterDays,
            templateId: kept?.askAgain?.templateId ?? 're-permission',
          },
        }
      : {}),
  };
}

export type ScopeSource = {
  /** The sunset rule that the policy had. */
  readonly keptSunset: PolicyWire['sunset'];
  /** The scope that the policy had. */
  readonly kept: unknown;
};

function scopeOf(fields: Fields, { kept }: ScopeSource): unknown {
  switch (fields.scopeKind) {
    case 'everybody':
      return undefined;
    case 'kept':
      return kept;
    case 'trait':
      return { kind: 'trait', name: fields.trait ?? '', equals: fields.equals ?? '' };
    case 'segment':
      return fields.segmentId === undefined ? undefined : { kind: 'segment', id: fields.segmentId };
  }
}

export function policyOf(fields: Fields, source: ScopeSource): PolicyWire {
  const scope = scopeOf(fields, source);
  return {
    policyId: fields.policyId,
    name: { en: fields.nameEn, zh: fields.nameZh },
    ...(scope === undefined ? {} : { scope }),
    activity: fields.activity,
    rule: ruleOf(fields),
    newDays: fields.newDays,
    recoveredDays: fields.recoveredDays,
    relapsedDays: fields.relapsedDays,
    ...(fields.hasSunset ? { sunset: sunsetOf(fields, source.keptSunset) } : {}),
  };
}

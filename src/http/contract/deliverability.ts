// The sending domain: what DNS says of it, and what it may send today.
import type { Text } from '../../kernel/lang.ts';

export type PreflightFinding = {
  readonly check: 'spf' | 'dkim' | 'dmarc';
  readonly level: 'ok' | 'warn' | 'fail';
  readonly code: string;
} & Text;

export type PreflightAnswer = {
  readonly domain: string;
  readonly verdict: 'ok' | 'warn' | 'fail' | 'unknown' | 'local';
  readonly findings: readonly PreflightFinding[];
  readonly volume: number;
  readonly bulkFrom: number;
  readonly override: { readonly who: string; readonly note: string; readonly until: string } | null;
};

type BrakeKind = 'complaints' | 'bounces' | 'refusals';

export type GuardRulesWire = {
  readonly enabled: boolean;
  readonly ramp: { readonly startPerDay: number; readonly growth: number; readonly fullPerDay: number } | null;
  readonly complaints: { readonly warn: number; readonly stop: number; readonly least: number };
  readonly bounces: { readonly stop: number; readonly lastMails: number; readonly leastMails: number };
  readonly refusals: { readonly stop: number; readonly least: number };
  readonly resumeDays: number;
};

export type GuardAnswer = {
  readonly domain: string;
  readonly state: 'stopped' | 'warning' | 'warming' | 'open' | 'off';
  readonly words: readonly Text[];
  readonly stops: readonly { readonly kind: BrakeKind; readonly share: number; readonly resumesOn: string }[];
  readonly cap: number | null;
  readonly claimedToday: number;
  readonly days: readonly {
    readonly day: string;
    readonly claimed: number;
    readonly sent: number;
    readonly failed: number;
    readonly hard_bounces: number;
    readonly sender_faults: number;
    readonly complaints: number;
  }[];
  readonly rules: GuardRulesWire;
};

export type DeliverabilityOperations = {
  'GET /reach/preflight': { readonly answer: PreflightAnswer };
  'POST /reach/preflight/override': { readonly body: { readonly note: string }; readonly answer: PreflightAnswer };
  'GET /reach/guard': { readonly answer: GuardAnswer };
  'PUT /reach/guard': { readonly body: { readonly rules: GuardRulesWire }; readonly answer: GuardAnswer };
  'POST /reach/guard/release': {
    readonly body: { readonly kind: BrakeKind; readonly note: string };
    readonly answer: GuardAnswer;
  };
};

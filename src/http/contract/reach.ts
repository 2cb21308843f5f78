// May we contact them, and does it arrive: rules, messages, the suppression list, the SMS provider and what came back.
import type { Text } from '../../kernel/lang.ts';

type Cap = { readonly channel: string; readonly topic?: string | undefined; readonly max: number };
export type CapWire =
  | ({ readonly kind: 'rolling'; readonly days: number } & Cap)
  | ({ readonly kind: 'calendar'; readonly unit: 'day' | 'week' | 'month' } & Cap);

export type HoursWire = {
  readonly country: string;
  readonly channel: string;
  readonly from: string;
  readonly to: string;
  readonly weekdaysOff: readonly number[];
  readonly holidaysOff: boolean;
};

export type RulesWire = {
  readonly caps: readonly CapWire[];
  readonly gapHours: number;
  readonly quiet: { readonly from: string; readonly to: string } | null;
  readonly quietDays: { readonly weekdays: readonly number[]; readonly holidays: boolean } | null;
  readonly hours: readonly HoursWire[];
  readonly defaultCountry: string | null;
  readonly programmes: Readonly<
    Record<string, { readonly priority?: number | undefined; readonly topic?: string | undefined }>
  >;
  readonly yieldHours: number;
  readonly bestHour: boolean;
};

export type MessageStateWire = 'planned' | 'sending' | 'sent' | 'failed' | 'unknown' | 'cancelled' | 'refused';

export type MessageRow = {
  readonly messageId: string;
  readonly programmeId: string;
  readonly personId: string;
  readonly channel: string;
  readonly variant: string;
  readonly state: MessageStateWire;
  readonly code: string | null;
  readonly detail: string | null;
  readonly dueAt: string;
  readonly sentAt: string | null;
};

export type SuppressionWire = {
  readonly kind: 'person' | 'address';
  readonly key: string;
  readonly channel: string;
  readonly reason: string;
  readonly createdAt: string;
};

export type InboundText = {
  readonly inboundId: string;
  readonly personId: string | null;
  readonly phone: string;
  readonly text: string;
  readonly meaning: string;
  readonly review: 'none' | 'waiting' | 'resolved';
  readonly receivedAt: string;
  readonly resolution: string | null;
};

type ReplaySummaryWire = {
  readonly messages: number;
  readonly held: number;
  readonly people: number;
  readonly byCode: Readonly<Record<string, number>>;
  readonly byDay: readonly { readonly day: string; readonly messages: number; readonly held: number }[];
};

export type RulesPreviewWire = {
  readonly days: number;
  readonly oneIn: number;
  /** Under the rules in force, and under those that were given. */
  readonly before: ReplaySummaryWire;
  readonly after: ReplaySummaryWire;
  readonly examples: readonly {
    readonly messageId: string;
    readonly personId: string;
    readonly channel: string;
    readonly at: string;
    readonly codes: readonly string[];
  }[];
};

export type LawfulHoursWire = HoursWire & { readonly source: Text; readonly restsOn: Text };
export type TopicWire = {
  readonly topicId: string;
  readonly en: string;
  readonly zh: string;
  readonly position: number;
};

/** What rules that may be saved do all the same, and nobody would guess. */
export type RulesWarningWire = { readonly country: string; readonly channel: string } & Text;

type RulesVersion = { readonly version: number; readonly rules: RulesWire; readonly createdAt: string | null };

export type ReachOperations = {
  'GET /reach-rules': {
    readonly query?: { readonly version?: number };
    readonly answer: RulesVersion & {
      readonly warnings: readonly RulesWarningWire[];
      readonly lawfulHours: readonly LawfulHoursWire[];
      readonly versions: readonly { readonly version: number; readonly note: string; readonly createdAt: string }[];
    };
  };
  'POST /reach-rules/preview': {
    readonly body: { readonly rules: RulesWire; readonly days?: number };
    readonly answer: RulesPreviewWire & { readonly warnings: readonly RulesWarningWire[] };
  };
  'GET /topics': { readonly answer: { readonly topics: readonly TopicWire[] } };
  'POST /topics': { readonly body: Omit<TopicWire, 'position'>; readonly answer: TopicWire };
  'DELETE /topics/{topicId}': {
    readonly params: { readonly topicId: string };
    readonly answer: { readonly topicId: string; readonly retired: boolean };
  };
  'PUT /reach-rules': {
    readonly body: { readonly rules: RulesWire; readonly note?: string; readonly replaces?: number };
    readonly answer: RulesVersion & { readonly warnings: readonly RulesWarningWire[] };
  };
  'GET /messages': {
    readonly query?: {
      readonly state?: string | undefined;
      readonly channel?: string | undefined;
      readonly programmeId?: string | undefined;
      readonly personId?: string | undefined;
      readonly code?: string | undefined;
      readonly since?: string | undefined;
      readonly until?: string | undefined;
      readonly page?: number;
      readonly limit?: number;
    };
    readonly answer: {
      /** Under every filter but the state's. */
      readonly byState: Readonly<Record<string, number>>;
      readonly total: number;
      readonly messages: readonly MessageRow[];
    };
  };
  'GET /suppressions': {
    readonly query?: { readonly search?: string | undefined; readonly page?: number; readonly limit?: number };
    readonly answer: { readonly suppressions: readonly SuppressionWire[]; readonly total: number };
  };
  'POST /suppressions': {
    readonly body: {
      readonly personId?: string;
      readonly email?: string;
      readonly phone?: string;
      readonly channel?: string;
      readonly reason?: string;
    };
    readonly answer: Omit<SuppressionWire, 'createdAt'>;
  };
  'POST /suppressions/lift': {
    readonly body: Pick<SuppressionWire, 'kind' | 'key' | 'channel'> & {
      /** Why: it stands in the audit log. */
      readonly note: string;
    };
    readonly answer: { readonly lifted: boolean };
  };
  /** Answers a file, or lines of JSON. */
  'POST /consents/uploads/{uploadId}': {
    readonly params: { readonly uploadId: string };
    readonly answer: {
      readonly columns: readonly { readonly column: string; readonly meaning: string }[];
      readonly suppressed: number;
      readonly granted: number;
      readonly created: number;
      readonly keptWithdrawn: number;
      readonly rejectedCount: number;
      readonly rejected: readonly { readonly row: number; readonly reason: Text }[];
    };
  };
  'POST /consents/export': {
    readonly body: {
      readonly format: 'csv' | 'ndjson';
      readonly channel?: string;
      readonly personIds?: readonly string[];
      readonly emails?: readonly string[];
      readonly phones?: readonly string[];
    };
    readonly answer: Readonly<Record<string, never>>;
  };
  'GET /sms/inbound': {
    readonly query?: { readonly waiting?: 'true' | 'false' };
    readonly answer: { readonly texts: readonly InboundText[] };
  };
  'POST /sms/inbound/{inboundId}/resolve': {
    readonly params: { readonly inboundId: string };
    readonly body: { readonly resolution: 'stop' | 'start' | 'nothing' };
    readonly answer: { readonly inboundId: string; readonly resolution: string };
  };
};

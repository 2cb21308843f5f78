// Tables of programmes: who is meant, what is given, who was chosen and why.
import type { ColumnType, Generated } from 'kysely';
import type { Defaulted, Json } from './columns.ts';

export type DormancyPoliciesTable = {
  policy_id: string;
  version: number;
  name: string;
  definition: Json<unknown>;
  created_at: Date;
  active: boolean;
};

export type SegmentsTable = {
  segment_id: string;
  version: number;
  name: string;
  definition: Json<unknown>;
  created_at: Date;
  active: boolean;
};

export type SegmentWatchesTable = {
  segment_id: string;
  version: number;
  evaluated_at: Date;
  took_ms: number;
  people: number;
  evaluated_through: Defaulted<number>;
};

export type SegmentSnapshotsTable = {
  snapshot_id: string;
  segment_id: string;
  version: number;
  as_of: ColumnType<string, string, string>;
  taken_at: Date;
  people: number;
};

export type OffersTable = {
  offer_id: string;
  name: string;
  kind: 'coupon' | 'points' | 'benefit' | 'trial' | 'exclusive';
  definition: Json<unknown>;
  budget_cents: number;
  /** Reserved and issued grants count at `unit_cost_cents`; a redeemed one at what it cost. Never above `budget_cents`. */
  committed_cents: Defaulted<number>;
  unit_cost_cents: number;
  capacity: number;
  granted: Defaulted<number>;
  per_person_limit: Defaulted<number>;
  created_at: Date;
  /** No more is given from this moment on. */
  closed_at: Defaulted<Date | null>;
};

export type GrantsTable = {
  grant_id: string;
  offer_id: string;
  person_id: string;
  programme_id: string | null;
  run_id: string | null;
  code: string;
  state: 'reserved' | 'issued' | 'redeemed' | 'expired' | 'revoked';
  cost_cents: number;
  reserved_at: Date;
  issued_at: Date | null;
  expires_at: Date;
  redeemed_at: Date | null;
  order_id: string | null;
};

export type ProgrammesTable = {
  programme_id: string;
  version: number;
  name: string;
  definition: Json<unknown>;
  state: 'draft' | 'running' | 'paused' | 'ended';
  /** Salt of the arm hash: fixed at creation, so arms never change. */
  salt: string;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
};

export type ProgrammeRunsTable = {
  run_id: string;
  programme_id: string;
  programme_version: number;
  /** Business day the entry was evaluated for. One run per programme and day. */
  run_on: ColumnType<string, string, string>;
  started_at: Date;
  considered: number;
};

export type MembersTable = {
  run_id: string;
  person_id: string;
  programme_id: string;
  arm: 'treated' | 'control';
  variant: string | null;
  enrolled_at: Date;
  state: 'active' | 'completed' | 'exited';
  step: number;
  step_due_at: Date | null;
  ended_at: Date | null;
  end_reason: string | null;
  /** What was known of her at entry. */
  known: ColumnType<Readonly<Record<string, unknown>>, string | undefined, never>;
};

export type DecisionsTable = {
  decision_id: Generated<number>;
  programme_id: string;
  run_id: string;
  step: number;
  person_id: string;
  decided_at: Date;
  outcome: 'contact' | 'control' | 'refused' | 'deferred';
  codes: string[];
  channel: string | null;
  variant: string | null;
  propensity: number | null;
  deferred_until: Date | null;
};

// Tables of people: who they are, what they agreed to, where they can be reached, what they answered.
import type { Generated } from 'kysely';
import type { Defaulted, Json } from './columns.ts';

export type PeopleTable = {
  person_id: string;
  email: string | null;
  phone: string | null;
  /** Keyed hash of the normalised e-mail address; several people may share one. */
  email_key: string | null;
  phone_key: string | null;
  first_name: string | null;
  language: string | null;
  country: string | null;
  time_zone: string | null;
  traits: Json<Readonly<Record<string, unknown>>>;
  /** The unit of assignment: people who shared an address when first seen have one cluster. Never changes. */
  cluster_key: string;
  global_bucket: number;
  created_at: Date;
  updated_at: Date;
};

export type PersonLinksTable = { actor_id: string; person_id: string; linked_at: Date };

export type FactChangesTable = { change_id: Generated<number>; person_id: string };

export type ConsentsTable = {
  consent_id: string;
  person_id: string;
  channel: string;
  purpose: string;
  status: 'granted' | 'withdrawn';
  basis: string;
  text_version: string;
  source: string;
  proof: Json<Readonly<Record<string, unknown>>>;
  decided_at: Date;
  expires_at: Date | null;
};

export type SuppressionsTable = {
  suppression_id: string;
  kind: 'person' | 'address';
  /** A person id, or the keyed hash of an address. */
  key: string;
  channel: string;
  reason: string;
  created_at: Date;
};

export type ConsentTextsTable = { text_id: string; version: number; definition: Json<unknown>; created_at: Date };

export type ConsentRequestsTable = {
  request_id: string;
  person_id: string;
  channel: string;
  purpose: string;
  address_key: string;
  text_version: string;
  language: string;
  source: string;
  proof: Json<Readonly<Record<string, unknown>>>;
  requested_at: Date;
  expires_at: Date;
  confirmed_at: Date | null;
  basis: Defaulted<string>;
};

export type ReachProfilesTable = {
  person_id: string;
  objected_at: Date | null;
  paused_until: Date | null;
  frequency: 'weekly' | 'monthly' | 'quarterly' | null;
  /** Shares of the 24 hours of her own clock. */
  best_hours: number[] | null;
  updated_at: Date;
};

export type TopicsTable = {
  topic_id: string;
  definition: Json<unknown>;
  position: number;
  created_at: Date;
  retired_at: Date | null;
};

export type TopicPreferencesTable = {
  person_id: string;
  topic_id: string;
  channel: string;
  wanted: boolean;
  decided_at: Date;
};

export type PreferenceLinksTable = { link_id: string; person_id: string; created_at: Date; expires_at: Date };

export type EndpointsTable = {
  endpoint_id: string;
  person_id: string;
  channel: string;
  provider: string;
  address: string;
  /** Keyed hash of channel, provider and address. */
  address_key: string;
  details: Json<Readonly<Record<string, unknown>>>;
  created_at: Date;
  seen_at: Date;
  disabled_at: Date | null;
  disabled_code: string | null;
};

export type SurveysTable = {
  survey_id: string;
  kind: 'reason' | 'nps';
  name: string;
  /** The business's own wording in both languages, or null for ours. */
  question: Json<unknown>;
  opened_at: Date;
  closed_at: Date | null;
};

export type SurveyInvitationsTable = { survey_id: string; person_id: string; channel: string; invited_at: Date };

export type SurveyAnswersTable = {
  survey_id: string;
  person_id: string;
  answer: string;
  free_text: Defaulted<string>;
  language: string;
  answered_at: Date;
  changed_at: Date;
};

// The words of every closed table in one answer.
import { LINE_REASONS } from '../../collect/imports/line-reasons.ts';
import { FIELDS } from '../../collect/imports/mapping.ts';
import { DROP_REASONS } from '../../collect/ingest/incoming.ts';
import { OFFER_KINDS } from '../../decide/offers/kinds.ts';
import type { Text } from '../../kernel/lang.ts';
import { ARBITER_CODES } from '../../reach/arbiter/rules.ts';
import { BASES, WITHDRAWALS } from '../../reach/consent/bases.ts';
import { CHANNELS } from '../../reach/channels/channels.ts';
import { MESSAGE_STATES, OTHER_REASONS } from '../../reach/messages/words.ts';
import { STARTER_LABELS } from '../../reach/templates/starter-labels.ts';
import { PRESETS } from '../../understand/dormancy/presets.ts';
import { CAUSES, STAGES } from '../../understand/dormancy/stage.ts';
import { REASON_LABELS } from '../../understand/reasons/causes.ts';
import { RFM_GROUPS } from '../../understand/value/rfm.ts';
import type { Vocabulary } from '../contract/vocabulary.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const wordsOf = (table: Readonly<Record<string, Text>>): Record<string, Text> =>
  Object.fromEntries(Object.entries(table).map(([key, { en, zh }]) => [key, { en, zh }]));

const VOCABULARY: Vocabulary = {
  stage: wordsOf(STAGES),
  cause: wordsOf(CAUSES),
  reason: wordsOf(REASON_LABELS),
  rfm_group: wordsOf(RFM_GROUPS),
  channel: wordsOf(CHANNELS),
  refusal: wordsOf({ ...ARBITER_CODES, ...OTHER_REASONS }),
  message_state: wordsOf(MESSAGE_STATES),
  offer_kind: wordsOf(OFFER_KINDS),
  import_field: wordsOf(FIELDS),
  import_line: wordsOf(LINE_REASONS),
  drop_reason: wordsOf(DROP_REASONS),
  consent_basis: wordsOf({ ...BASES, ...WITHDRAWALS }),
  template: wordsOf(STARTER_LABELS),
  preset: Object.fromEntries(Object.entries(PRESETS).map(([key, { name }]) => [key, name])),
};

export const vocabularyEndpoints = (): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/vocabulary',
    need: 'business.read',
    summary: 'The words of every closed table: stages, reasons, channels, refusals and the like, in both languages',
    run: () => Promise.resolve(VOCABULARY),
  }),
];

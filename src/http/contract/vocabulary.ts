// The words of every closed table, so that a console never has a list of its own.
type Words = { readonly en: string; readonly zh: string };

export type TermKind =
  | 'stage'
  | 'cause'
  | 'reason'
  | 'rfm_group'
  | 'channel'
  | 'refusal'
  | 'message_state'
  | 'offer_kind'
  | 'preset'
  | 'import_field'
  | 'import_line'
  | 'drop_reason'
  | 'consent_basis'
  /** Ready-made templates. */
  | 'template';

export type Vocabulary = Readonly<Record<TermKind, Readonly<Record<string, Words>>>>;

export type VocabularyOperations = { 'GET /vocabulary': { readonly answer: Vocabulary } };

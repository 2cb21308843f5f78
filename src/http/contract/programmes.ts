// Programmes: the gallery, drafts, what one would do, and how one is running.
import type { Estimate } from './results.ts';

type Words = { readonly en: string; readonly zh: string };

export type ProgrammeState = 'draft' | 'running' | 'paused' | 'ended';

export type ProgrammeVariant = {
  readonly key: string;
  readonly templateId?: string | undefined;
  readonly templateIds?: Readonly<Record<string, string>> | undefined;
  readonly offerId?: string | null | undefined;
  readonly share?: number | undefined;
};

export type MessageStep = {
  readonly kind: 'message';
  readonly channel?: string | undefined;
  readonly channels?: readonly string[] | undefined;
  readonly variants: readonly ProgrammeVariant[];
  readonly validHours?: number | undefined;
  readonly costCents?: number | undefined;
};
export type WaitStep = { readonly kind: 'wait'; readonly days: number };
export type ProgrammeStep = MessageStep | WaitStep;

export type ProgrammeEntry =
  | { readonly mode: 'once' }
  | { readonly mode: 'recurring'; readonly everyDays: number; readonly reentryAfterDays: number };

export type ProgrammeBody = {
  readonly programmeId: string;
  readonly name: string;
  readonly audience: {
    readonly policyId: string;
    readonly stages: readonly string[];
    /** A segment tree, or null for everybody in the stages. */
    readonly segment?: unknown;
  };
  readonly entry: ProgrammeEntry;
  readonly controlShare: number;
  readonly steps: readonly ProgrammeStep[];
  readonly goal: { readonly withinDays: number };
  readonly exitOnReturn?: boolean | undefined;
};

export type ProgrammeLine = {
  readonly programmeId: string;
  readonly name: string;
  readonly state: ProgrammeState;
  readonly createdAt: string;
};

export type ProgrammeRun = {
  readonly runId: string;
  readonly runOn: string;
  readonly startedAt: string;
  readonly considered: number | null;
  readonly treated: number;
  readonly control: number;
};

export type StoredProgramme = {
  readonly programme: ProgrammeBody;
  readonly version: number;
  readonly state: ProgrammeState;
};

export type GalleryLine = {
  readonly key: string;
  readonly name: Words;
  readonly idea: Words;
  readonly definition: Omit<ProgrammeBody, 'programmeId' | 'name'>;
  readonly offerId: string | null;
};

export type DryRunAnswer = {
  readonly considered: number;
  readonly treated: number;
  readonly control: number;
  readonly refused: readonly { readonly code: string; readonly people: number }[];
  readonly variants: readonly { readonly key: string; readonly people: number }[];
  readonly channels: readonly { readonly channel: string; readonly people: number }[];
  readonly messagesMax: number;
  readonly messageCostCentsMax: number;
  readonly offers: readonly { readonly offerId: string; readonly wanted: number; readonly left: number }[];
  readonly expectedReturnRate: number | null;
  readonly examples: readonly {
    readonly person_id: string;
    readonly arm: 'treated' | 'control';
    readonly variant: string | null;
    readonly channel: string;
  }[];
  /** The smallest difference of return rates that these groups would show, four times out of five; null when they are too small. */
  readonly smallestLift: number | null;
  readonly currency: string;
};

/** What a programme may be built of. */
export type ProgrammeChoices = {
  readonly policies: readonly { readonly policyId: string; readonly name: Words }[];
  readonly templates: readonly { readonly templateId: string; readonly kind: string }[];
  readonly offers: readonly { readonly offerId: string; readonly name: string; readonly left: number }[];
  readonly segments: readonly { readonly segmentId: string; readonly name: string }[];
  readonly channels: readonly { readonly channel: string; readonly templateKind: string }[];
  readonly stages: readonly string[];
};

export type ProgrammeProgress = {
  readonly programmeId: string;
  readonly state: ProgrammeState;
  readonly at: string;
  readonly active: number;
  readonly completed: number;
  readonly returned: number;
  readonly control: number;
  /** People whose next step is this one. */
  readonly steps: readonly { readonly step: number; readonly people: number }[];
  readonly messages: Readonly<Record<string, number>>;
  readonly refused: readonly { readonly code: string; readonly people: number }[];
  readonly incrementalReturns: Estimate | null;
};

type OfProgramme = { readonly params: { readonly programmeId: string } };
type Moved = OfProgramme & { readonly answer: { readonly programmeId: string; readonly state: ProgrammeState } };

export type ProgrammeOperations = {
  'GET /programmes': { readonly answer: { readonly programmes: readonly ProgrammeLine[] } };
  'POST /programmes': { readonly body: ProgrammeBody; readonly answer: StoredProgramme };
  'POST /programmes/check': {
    readonly body: ProgrammeBody;
    readonly answer: { readonly problem: { readonly where: string; readonly what: string } | null };
  };
  'POST /programmes/dry-run': { readonly body: ProgrammeBody; readonly answer: DryRunAnswer };
  'GET /programme-choices': { readonly answer: ProgrammeChoices };
  'GET /programme-gallery': { readonly answer: { readonly entries: readonly GalleryLine[] } };
  'POST /programme-gallery/{key}': {
    readonly params: { readonly key: string };
    readonly body: { readonly programmeId: string; readonly name: string; readonly policyId: string };
    readonly answer: StoredProgramme;
  };
  'GET /programmes/{programmeId}': OfProgramme & {
    readonly answer: StoredProgramme & { readonly runs: readonly ProgrammeRun[] };
  };
  'PATCH /programmes/{programmeId}': OfProgramme & { readonly body: ProgrammeBody; readonly answer: StoredProgramme };
  'DELETE /programmes/{programmeId}': OfProgramme & { readonly answer: { readonly removed: string } };
  'GET /programmes/{programmeId}/start-check': OfProgramme & {
    readonly answer: {
      readonly missing: readonly string[];
      readonly unfinished: readonly string[];
      readonly previewed: readonly string[];
      readonly unreached: readonly Words[];
    };
  };
  'POST /programmes/{programmeId}/start': Moved;
  'POST /programmes/{programmeId}/pause': Moved;
  'POST /programmes/{programmeId}/end': Moved;
  'GET /programmes/{programmeId}/progress': OfProgramme & { readonly answer: ProgrammeProgress };
};

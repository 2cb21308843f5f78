// Every operation of the steering API that the console calls, by `METHOD /path`: what it takes and what it answers. The server's handlers
// are held to the answers by the compiler (`endpoint`), the console's client to both. Instants are ISO texts on the wire.
import type { AccountOperations } from './accounts.ts';
import type { AnalysisOperations } from './analysis.ts';
import type { AnalyticsOperations } from './analytics.ts';
import type { AudienceOperations } from './audiences.ts';
import type { BusinessOperations } from './business.ts';
import type { ChannelOperations } from './channels.ts';
import type { ConnectionOperations } from './connections.ts';
import type { DataOperations } from './data.ts';
import type { DeliverabilityOperations } from './deliverability.ts';
import type { ImportOperations } from './imports.ts';
import type { OverviewOperations } from './overview.ts';
import type { OfferOperations } from './offers.ts';
import type { FindPeopleOperations } from './find-people.ts';
import type { PeopleOperations } from './people.ts';
import type { PolicyOperations } from './policies.ts';
import type { PostOperations } from './posts.ts';
import type { PrivacyOperations } from './privacy.ts';
import type { ProgrammeOperations } from './programmes.ts';
import type { ReachOperations } from './reach.ts';
import type { ReasonOperations } from './reasons.ts';
import type { ResultOperations } from './results.ts';
import type { SegmentOperations } from './segments.ts';
import type { SessionOperations } from './session.ts';
import type { TemplateOperations } from './templates.ts';
import type { VocabularyOperations } from './vocabulary.ts';

/** Add an area's operations by extending this with the type of its own file. */
export interface Operations
  extends
    AccountOperations,
    AnalysisOperations,
    AnalyticsOperations,
    AudienceOperations,
    BusinessOperations,
    ChannelOperations,
    ConnectionOperations,
    DataOperations,
    DeliverabilityOperations,
    ImportOperations,
    OfferOperations,
    OverviewOperations,
    FindPeopleOperations,
    PeopleOperations,
    PolicyOperations,
    PostOperations,
    PrivacyOperations,
    ProgrammeOperations,
    ReachOperations,
    ReasonOperations,
    ResultOperations,
    SegmentOperations,
    SessionOperations,
    TemplateOperations,
    VocabularyOperations {}

export type OperationName = keyof Operations;

/** A value that JSON turns into `T`: the server may answer a Date where the wire has its ISO text. */
export type Sendable<T> = T extends string
  ? string extends T
    ? T | Date
    : T
  : T extends readonly (infer Item)[]
    ? readonly Sendable<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Sendable<T[Key]> }
      : T;

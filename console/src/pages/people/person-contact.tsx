// May she be written to, and what was: channels now, consents with proof, messages, grants and past decisions.
import { Alert, Tag } from 'antd';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { PersonStory, StoryConsent } from '../../../../src/http/contract/people.ts';
import { useAct } from '../../api/queries.ts';
import { FigureTable } from '../../chart/chart.tsx';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { asTitle, useTerms } from '../../words/terms.ts';
import { useProgrammeName } from './names.ts';
import { messageAt } from './timeline.ts';
import { useWords } from './words.ts';

type OfStory = { readonly story: PersonStory };

export function Contact({ story }: OfStory) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  return (
    <Section title={say('contact')} text={say('contact_text')}>
      <ul className="people-channels">
        {story.contact.map((channel) => (
          <li key={channel.channel}>
            <p>
              <strong>{channel.label[language]}</strong>{' '}
              <Tag
                className={channel.permitted ? 'people-good' : ''}
                {...(channel.refusals.length > 0 ? { color: 'error' } : {})}
              >
                {say(channel.permitted ? 'may' : channel.refusals.length > 0 ? 'may_not' : 'may_later')}
              </Tag>
            </p>
            {[...channel.refusals, ...channel.deferrals].map(({ code, text }) => (
              <p key={code} className="muted">
                {asTitle(text[language])}
              </p>
            ))}
            {channel.deferredUntil === null ? null : (
              <p className="muted">{say('until', { when: format.instant(channel.deferredUntil) })}</p>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** The latest word on each channel and purpose. */
const standingConsents = (consents: readonly StoryConsent[]): ReadonlySet<string> =>
  new Set(new Map(consents.map((each) => [`${each.channel} ${each.purpose}`, each.consent_id])).values());

export function Consents({ story }: OfStory) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const mayWrite = useMay()('people.write');
  const withdraw = useAct('POST /consents/withdraw', ['GET /people/{personId}/story']);
  const standing = standingConsents(story.consents);
  return (
    <Section title={say('consents')} text={say('consents_text')}>
      {withdraw.isError ? <Alert type="error" showIcon className="form-alert" title={withdraw.error.message} /> : null}
      {story.consents.length === 0 ? (
        <p className="muted">{say('consents_none')}</p>
      ) : (
        <ul className="people-consents">
          {story.consents.toReversed().map((consent) => (
            <li key={consent.consent_id}>
              <div>
                <strong>{term('channel', consent.channel)}</strong> · {purposeOf(say, consent.purpose)}{' '}
                <Tag className={consent.status === 'granted' ? 'people-good' : ''}>
                  {say(`consent_${consent.status}`)}
                </Tag>
                <p className="muted">
                  {say('consent_line', {
                    when: format.instant(consent.decided_at),
                    basis: term('consent_basis', consent.basis),
                    source: consent.source,
                  })}
                </p>
                {consent.text_version === '' ? null : (
                  <p className="muted">{say('consent_version', { version: consent.text_version })}</p>
                )}
                {consent.expires_at === null ? null : (
                  <p className="muted">{say('consent_expires', { when: format.instant(consent.expires_at) })}</p>
                )}
                {consent.proof === undefined || Object.keys(consent.proof).length === 0 ? null : (
                  <p className="muted people-proof">
                    {say('proof')}{' '}
                    {Object.entries(consent.proof)
                      .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
                      .join(' · ')}
                  </p>
                )}
              </div>
              {mayWrite && consent.status === 'granted' && standing.has(consent.consent_id) ? (
                <ConfirmButton
                  size="small"
                  label={say('withdraw')}
                  question={say('withdraw_question', { channel: term('channel', consent.channel) })}
                  text={say('withdraw_text')}
                  loading={withdraw.isPending}
                  onConfirm={() =>
                    withdraw.mutate({
                      body: { personId: story.personId, channel: consent.channel, purpose: consent.purpose },
                    })
                  }
                />
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const PURPOSES = ['marketing', 'ads_audience', 'profiling', 'transactional'] as const;

function purposeOf(say: ReturnType<typeof useWords>, purpose: string): string {
  const known = PURPOSES.find((each) => each === purpose);
  return known === undefined ? purpose : say(`purpose_${known}`);
}

type RowsProps = {
  readonly title: string;
  readonly text?: string;
  readonly none: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly ReactNode[])[];
};

function Rows({ title, text, none, columns, rows }: RowsProps) {
  return (
    <Section title={title} {...(text === undefined ? {} : { text })}>
      {rows.length === 0 ? (
        <p className="muted">{none}</p>
      ) : (
        <div className="people-scroll" tabIndex={0} role="region" aria-label={title}>
          <FigureTable label={title} table={{ columns: columns.map((column) => ({ title: column })), rows }} />
        </div>
      )}
    </Section>
  );
}

export function Messages({ story }: OfStory) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const programmeName = useProgrammeName();
  return (
    <Rows
      title={say('messages')}
      none={say('messages_none')}
      columns={[say('when'), say('channel'), say('state'), say('programme'), say('template')]}
      rows={story.messages.toReversed().map((message) => [
        format.instant(messageAt(message)),
        term('channel', message.channel),
        message.code === null
          ? asTitle(term('message_state', message.state))
          : say('state_because', {
              state: asTitle(term('message_state', message.state)),
              why: term('refusal', message.code),
            }),
        programmeName(message.programme_id),
        term('template', message.template_id),
      ])}
    />
  );
}

export function Grants({ story }: OfStory) {
  const say = useWords();
  const format = useFormat();
  return (
    <Rows
      title={say('grants')}
      none={say('grants_none')}
      columns={[say('when'), say('offer'), say('code'), say('state'), say('valid_until'), say('cost')]}
      rows={story.grants.map((grant) => [
        format.instant(grant.reserved_at),
        <Link key="offer" to={`/offers/${encodeURIComponent(grant.offer_id)}`}>
          {grant.offer_id}
        </Link>,
        <code key="code">{grant.code}</code>,
        say(`grant_${grant.state}`),
        format.instant(grant.expires_at),
        format.money(grant.cost_cents),
      ])}
    />
  );
}

export function Decisions({ story }: OfStory) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const programmeName = useProgrammeName();
  return (
    <Rows
      title={say('decisions')}
      text={say('decisions_text')}
      none={say('decisions_none')}
      columns={[say('when'), say('programme'), say('outcome'), say('why')]}
      rows={story.decisions
        .toReversed()
        .map((decision) => [
          format.instant(decision.decided_at),
          programmeName(decision.programme_id),
          say(`outcome_${decision.outcome}`),
          [
            ...(decision.channel === null ? [] : [term('channel', decision.channel)]),
            ...decision.codes.map((code) => term('refusal', code)),
            ...(decision.deferred_until === null
              ? []
              : [say('until', { when: format.instant(decision.deferred_until) })]),
          ].join(' · '),
        ])}
    />
  );
}

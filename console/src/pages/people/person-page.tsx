// One person: who she is, where she stands and why, whether she may be written to, and everything that happened.
import { Button, Descriptions, Tag } from 'antd';
import { Link, useParams } from 'react-router';
import type { PersonStory, StoryReasons, StoryState } from '../../../../src/http/contract/people.ts';
import { useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { ToneTag } from '../../frame/tone-tag.tsx';
import { LeftOut } from '../../frame/left-out.tsx';
import { Figure, PageFrame, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { asTitle, useTerms } from '../../words/terms.ts';
import { Consents, Contact, Decisions, Grants, Messages } from './person-contact.tsx';
import { PersonActions } from './person-actions.tsx';
import { Timeline } from './person-timeline.tsx';
import { usePolicyName } from './names.ts';
import { codeText, traitText } from './trait-text.ts';
import { useWords } from './words.ts';
import './people.css';

export function PersonPage() {
  const say = useWords();
  const { personId = '' } = useParams();
  const story = useApi('GET /people/{personId}/story', { params: { personId } });
  const back = (
    <Link to="/people" className="people-back">
      {say('all')}
    </Link>
  );
  if (story.error?.code === 'not_found')
    return (
      <PageFrame title={say('title')} question={say('unknown')} intro={back}>
        <Section>
          <Empty
            title={say('unknown_title', { id: personId })}
            text={say('unknown_text')}
            action={
              <Link to="/people">
                <Button type="primary">{say('unknown_action')}</Button>
              </Link>
            }
          />
        </Section>
      </PageFrame>
    );
  const name = story.data?.identity.firstName ?? story.data?.personId ?? personId;
  return (
    <PageFrame
      title={say('title')}
      question={name}
      intro={back}
      actions={story.data === undefined ? undefined : <PersonActions story={story.data} />}
    >
      <Loaded query={story} rows={10}>
        {(data) => <Story story={data} />}
      </Loaded>
    </PageFrame>
  );
}

function Story({ story }: { readonly story: PersonStory }) {
  return (
    <>
      <Identity story={story} />
      <LeftOut told={story.leftOut} />
      {story.states.map((state) => (
        <Standing
          key={state.policyId}
          state={state}
          reasons={story.reasons.find(({ policyId }) => policyId === state.policyId)}
        />
      ))}
      <Contact story={story} />
      <Timeline story={story} />
      <div className="columns">
        <Consents story={story} />
        <Recommendations story={story} />
      </div>
      <Messages story={story} />
      <Grants story={story} />
      <Decisions story={story} />
    </>
  );
}

/** Said above already. */
const SAID = /^(?:e-?mail|phone|first_?name|language|country|time_?zone)$/i;

function Identity({ story }: { readonly story: PersonStory }) {
  const say = useWords();
  const format = useFormat();
  const seesContact = useMay()('people.contact_data');
  const { identity } = story;
  const language = useLanguage();
  const words = { yes: say('yes'), no: say('no') };
  const named = (code: string | null, type: 'language' | 'region'): string =>
    code === null ? say('unknown_value') : codeText(code, type, language === 'zh' ? 'zh-CN' : 'en');
  const hidden = seesContact ? say('unknown_value') : say('hidden_value');
  const traits = Object.entries(identity.traits).filter(([name]) => !SAID.test(name));
  return (
    <Section title={say('identity')} {...(seesContact ? {} : { text: say('hidden_text') })}>
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 2, lg: 3 }}
        items={[
          { key: 'id', label: say('id'), children: <code>{story.personId}</code> },
          { key: 'email', label: say('email'), children: identity.email ?? hidden },
          { key: 'phone', label: say('phone'), children: identity.phone ?? hidden },
          { key: 'language', label: say('language'), children: named(identity.language, 'language') },
          { key: 'country', label: say('country'), children: named(identity.country, 'region') },
          { key: 'zone', label: say('time_zone'), children: identity.timeZone ?? say('unknown_value') },
          {
            key: 'since',
            label: say('known_since'),
            children: identity.knownSince === null ? say('unknown_value') : format.day(identity.knownSince),
          },
          ...(identity.ids.length > 1
            ? [
                {
                  key: 'ids',
                  label: say('other_ids'),
                  children: identity.ids.filter((id) => id !== story.personId).join(', '),
                },
              ]
            : []),
          ...traits.map(([key, value]) => ({
            key: `trait:${key}`,
            label: key,
            children: traitText(value, format, words),
          })),
        ]}
      />
      {story.suppressions.length === 0 ? null : (
        <p className="people-tags">
          {story.suppressions.map((entry) => (
            <ToneTag key={entry.suppression_id} tone="bad">
              {say('suppressed', { reason: entry.reason, day: format.instant(entry.created_at) })}
            </ToneTag>
          ))}
        </p>
      )}
    </Section>
  );
}

type StandingProps = { readonly state: StoryState; readonly reasons: StoryReasons | undefined };

function Standing({ state, reasons }: StandingProps) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const language = useLanguage();
  const policyName = usePolicyName();
  return (
    <Section
      title={say('standing', { stage: state.label[language] })}
      text={say('standing_text', {
        day: format.day(state.stageSince),
        cause: state.causeLabel[language],
        silent: format.count(state.silentDays),
        threshold: format.count(state.thresholdDays),
        policy: policyName(state.policyId),
      })}
      actions={<Tag>{term('rfm_group', state.rfmGroup)}</Tag>}
    >
      <div className="figures people-figures">
        <Figure
          label={say('chance')}
          value={state.returnProbability === null ? say('no_model') : format.percent(state.returnProbability)}
          note={say('chance_note')}
        />
        <Figure
          label={say('value')}
          value={state.expectedValueCents === null ? say('no_model') : format.money(state.expectedValueCents)}
          note={say('value_note')}
        />
        <Figure
          label={say('spent')}
          value={format.money(state.spentCents)}
          note={say('spent_note', {
            n: format.count(state.activeDays),
            count: state.activeDays,
            first: format.day(state.firstOn),
            last: format.day(state.lastOn),
          })}
        />
      </div>
      {state.scoreInWords === null ? null : (
        <>
          <h3 className="people-heading">{say('score')}</h3>
          <p>{state.scoreInWords[language]}</p>
        </>
      )}
      <h3 className="people-heading">{say('reasons')}</h3>
      {reasons === undefined ? <p className="muted">{say('reasons_none')}</p> : <Reasons reasons={reasons} />}
    </Section>
  );
}

function Reasons({ reasons }: { readonly reasons: StoryReasons }) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const language = useLanguage();
  const sorted = Object.entries(reasons.probabilities).toSorted(([, a], [, b]) => b - a);
  return (
    <div className="columns">
      <ul className="people-bars" aria-label={say('reasons')}>
        {sorted.map(([reason, probability]) => (
          <li key={reason}>
            <span>{term('reason', reason)}</span>
            <meter min={0} max={1} value={probability} aria-label={term('reason', reason)} />
            <span className="tabular">{format.percent(probability, 0)}</span>
          </li>
        ))}
      </ul>
      <div>
        <p className="muted">{say('evidence')}</p>
        {reasons.evidence.length === 0 ? (
          <p>{say('evidence_none')}</p>
        ) : (
          <ul className="people-list">
            {reasons.evidence.map((each) => (
              <li key={each.signal}>
                {asTitle(each.text[language])}
                {each.speaksFor === null ? null : (
                  <span className="muted"> {say('speaks_for', { reason: term('reason', each.speaksFor) })}</span>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

function Recommendations({ story }: { readonly story: PersonStory }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  return (
    <Section title={say('recommendations')} text={say('recommendations_text')}>
      {story.recommendations.length === 0 ? (
        <p className="muted">{say('recommendations_none')}</p>
      ) : (
        <ol className="people-list">
          {story.recommendations.map((item) => (
            <li key={item.itemId}>
              <strong>{item.name === '' ? item.itemId : item.name}</strong>{' '}
              <span className="tabular">{item.priceCents > 0 ? format.money(item.priceCents) : ''}</span>
              <br />
              <span className="muted">{item.reason[language]}</span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

// Everything that happened to her in one line of time.
import { Alert, Button, Checkbox } from 'antd';
import { useState } from 'react';
import type { HappeningWire, PersonStory } from '../../../../src/http/contract/people.ts';
import { callApi } from '../../api/client.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty } from '../../frame/states.tsx';
import { useLanguage } from '../../words/language.ts';
import { useTerms } from '../../words/terms.ts';
import { knownEvent } from './event-names.ts';
import { useProgrammeName } from './names.ts';
import { MOMENT_KINDS, timelineOf, type Moment, type MomentKind } from './timeline.ts';
import { useWords } from './words.ts';

const SHOWN_FIRST = 40;

type Older = { readonly events: readonly HappeningWire[]; readonly before: string | null };

export function Timeline({ story }: { readonly story: PersonStory }) {
  const say = useWords();
  const programmeName = useProgrammeName();
  const [kinds, choose] = useState<readonly MomentKind[]>(MOMENT_KINDS);
  const [shown, show] = useState(SHOWN_FIRST);
  const [older, setOlder] = useState<Older>({ events: [], before: story.eventsBefore });
  const [isReading, setReading] = useState(false);
  const [problem, setProblem] = useState<string>();
  const all = timelineOf({ ...story, events: [...story.events, ...older.events] });
  const chosen = all.filter(({ kind }) => kinds.includes(kind));
  const times = (kind: MomentKind): number => all.filter((moment) => moment.kind === kind).length;
  const readOlder = async (): Promise<void> => {
    if (older.before === null) return;
    setReading(true);
    setProblem(undefined);
    try {
      const page = await callApi('GET /people/{personId}/events', {
        params: { personId: story.personId },
        query: { before: older.before },
      });
      setOlder({ events: [...older.events, ...page.events], before: page.before });
      show(shown + SHOWN_FIRST);
    } catch (cause) {
      setProblem(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setReading(false);
    }
  };
  return (
    <Section
      title={say('timeline')}
      text={say('timeline_text')}
      actions={
        <Checkbox.Group<MomentKind>
          value={[...kinds]}
          onChange={(next) => choose(next)}
          options={MOMENT_KINDS.map((kind) => ({ value: kind, label: say(`kind_${kind}`, { n: times(kind) }) }))}
        />
      }
    >
      {chosen.length === 0 ? (
        <Empty title={say('timeline_none')} />
      ) : (
        <ol className="people-timeline" aria-label={say('timeline')}>
          {chosen.slice(0, shown).map((moment) => (
            <li key={moment.key} className={`people-moment people-moment-${moment.kind}`}>
              <MomentRow moment={moment} programmeName={programmeName} />
            </li>
          ))}
        </ol>
      )}
      {problem === undefined ? null : <Alert type="error" showIcon title={problem} />}
      {chosen.length > shown ? (
        <Button onClick={() => show(shown + SHOWN_FIRST)}>{say('more', { n: chosen.length - shown })}</Button>
      ) : older.before === null ? null : (
        <Button loading={isReading} onClick={() => void readOlder()}>
          {say('older')}
        </Button>
      )}
    </Section>
  );
}

type MomentProps = { readonly moment: Moment; readonly programmeName: (programmeId: string) => string };

function MomentRow({ moment, programmeName }: MomentProps) {
  const format = useFormat();
  return (
    <>
      <time dateTime={moment.at} className="muted tabular">
        {moment.isDay ? format.day(moment.at) : format.instant(moment.at)}
      </time>
      <div>
        <MomentText moment={moment} programmeName={programmeName} />
      </div>
    </>
  );
}

function MomentText({ moment, programmeName }: MomentProps) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const language = useLanguage();
  switch (moment.kind) {
    case 'event': {
      const { name, amountCents, currency, products, orderId } = moment.event;
      const known = knownEvent(name);
      return (
        <>
          <strong>{known === undefined ? name : say(`event_${known}`)}</strong>
          {known === undefined || say(`event_${known}`) === name ? null : <span className="muted"> {name}</span>}
          {amountCents === 0 ? null : <span className="tabular"> {format.moneyIn(currency, amountCents)}</span>}
          <p className="muted">{[...products, ...(orderId === '' ? [] : [orderId])].join(' · ')}</p>
        </>
      );
    }
    case 'stage': {
      const { from, toLabel, causeLabel } = moment.change;
      return (
        <>
          <strong>
            {from === ''
              ? say('stage_first', { to: toLabel[language] })
              : say('stage_moved', { from: term('stage', from), to: toLabel[language] })}
          </strong>
          <p className="muted">{causeLabel[language]}</p>
        </>
      );
    }
    case 'message': {
      const { channel, state, code, programme_id, template_id } = moment.message;
      return (
        <>
          <strong>
            {say('message_line', { channel: term('channel', channel), state: term('message_state', state) })}
          </strong>
          <p className="muted">
            {[
              programmeName(programme_id),
              term('template', template_id),
              ...(code === null ? [] : [term('refusal', code)]),
            ].join(' · ')}
          </p>
        </>
      );
    }
    case 'decision': {
      const { outcome, codes, programme_id, channel } = moment.decision;
      return (
        <>
          <strong>{say(`outcome_${outcome}`)}</strong>
          <p className="muted">
            {[
              programmeName(programme_id),
              ...(channel === null ? [] : [term('channel', channel)]),
              ...codes.map((code) => term('refusal', code)),
            ].join(' · ')}
          </p>
        </>
      );
    }
  }
}

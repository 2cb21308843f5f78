// What would these rules have done to what was really sent in the last days? Asked again a moment after every change.
import { Alert, Select } from 'antd';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import type { RulesPreviewWire, RulesWarningWire, RulesWire } from '../../../../src/http/contract/reach.ts';
import { callApi } from '../../api/client.ts';
import { Figure, Section } from '../../frame/page-frame.tsx';
import { Loading } from '../../frame/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useLanguage } from '../../words/language.ts';
import { useTerms } from '../../words/terms.ts';
import { PlainTable } from './plain-table.tsx';
import { useWords } from './words.ts';

const AFTER_MS = 500;
const SPANS = [7, 30, 90] as const;

type RulesPreviewProps = { readonly rules: RulesWire; readonly isValid: boolean };
type State = {
  readonly preview?: RulesPreviewWire & { readonly warnings: readonly RulesWarningWire[] };
  readonly error?: string;
};

export function RulesPreview({ rules, isValid }: RulesPreviewProps) {
  const say = useWords();
  const language = useLanguage();
  const [days, setDays] = useState<number>(SPANS[0]);
  const [state, setState] = useState<State>({});
  const text = JSON.stringify(rules);
  useEffect(() => {
    if (!isValid) return undefined;
    const gone = new AbortController();
    const timer = setTimeout(() => {
      callApi(
        'POST /reach-rules/preview',
        { body: { rules: JSON.parse(text) as RulesWire, days } },
        { signal: gone.signal },
      ).then(
        (preview) => setState({ preview }),
        (cause: unknown) => {
          if (!gone.signal.aborted) setState({ error: cause instanceof Error ? cause.message : String(cause) });
        },
      );
    }, AFTER_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [text, days, isValid]);
  return (
    <Section
      title={say('preview')}
      text={say('preview_text')}
      actions={
        <Select
          aria-label={say('preview_span')}
          value={days}
          options={SPANS.map((span) => ({ value: span, label: say('last_days', { n: span }) }))}
          onChange={setDays}
        />
      }
    >
      <div role="status">
        {!isValid ? (
          <p className="muted">{say('preview_invalid')}</p>
        ) : state.error !== undefined ? (
          <Alert type="error" showIcon title={state.error} />
        ) : state.preview === undefined ? (
          <Loading />
        ) : (
          <>
            {state.preview.warnings.map((warning) => (
              <Alert
                key={`${warning.country} ${warning.channel}`}
                type="warning"
                showIcon
                className="form-alert"
                title={warning[language]}
              />
            ))}
            <Shown preview={state.preview} />
          </>
        )}
      </div>
    </Section>
  );
}

function Shown({ preview }: { readonly preview: RulesPreviewWire }) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const { before, after, examples, oneIn, days } = preview;
  if (after.messages === 0) return <p className="muted">{say('preview_nothing', { n: days })}</p>;
  const codes = [...new Set([...Object.keys(before.byCode), ...Object.keys(after.byCode)])];
  const heldBefore = new Map(before.byDay.map((day) => [day.day, day.held]));
  return (
    <>
      {oneIn === 1 ? null : <p className="muted">{say('preview_sample', { n: format.count(oneIn) })}</p>}
      <div className="figures">
        <Figure label={say('preview_sent')} value={format.count(after.messages)} />
        <Figure
          label={say('preview_held')}
          value={format.count(after.held)}
          note={say('preview_in_force', { n: format.count(before.held) })}
        />
        <Figure
          label={say('preview_people')}
          value={format.count(after.people)}
          note={say('preview_in_force', { n: format.count(before.people) })}
        />
      </div>
      {codes.length === 0 ? null : (
        <PlainTable
          label={say('preview_why')}
          columns={[say('preview_why'), say('preview_now'), say('preview_then')]}
          rows={codes.map((code) => ({
            key: code,
            cells: [
              term('refusal', code),
              format.count(before.byCode[code] ?? 0),
              format.count(after.byCode[code] ?? 0),
            ],
          }))}
        />
      )}
      <details className="reach-account">
        <summary>{say('preview_by_day')}</summary>
        <PlainTable
          label={say('preview_by_day')}
          columns={[say('day'), say('preview_sent'), say('preview_now'), say('preview_then')]}
          rows={after.byDay.map((day) => ({
            key: day.day,
            cells: [
              format.day(day.day),
              format.count(day.messages),
              format.count(heldBefore.get(day.day) ?? 0),
              format.count(day.held),
            ],
          }))}
        />
      </details>
      {examples.length === 0 ? null : (
        <details className="reach-account">
          <summary>{say('preview_examples')}</summary>
          <PlainTable
            label={say('preview_examples')}
            columns={[say('due'), say('person'), say('channel'), say('why')]}
            rows={examples.map((each) => ({
              key: each.messageId,
              cells: [
                format.instant(each.at),
                <Link key="person" to={`/people/${encodeURIComponent(each.personId)}`}>
                  {each.personId}
                </Link>,
                term('channel', each.channel),
                each.codes.map((code) => term('refusal', code)).join(' · '),
              ],
            }))}
          />
        </details>
      )}
      <p className="muted reach-after">{say('preview_limits')}</p>
    </>
  );
}

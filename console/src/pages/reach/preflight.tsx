// Would the big mailboxes take bulk mail of the sending domain? What DNS says, line by line, and what to do.
import { Alert, Button, Input } from 'antd';
import { useState } from 'react';
import type { PreflightFinding } from '../../../../src/http/contract/deliverability.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { ToneTag } from '../../frame/tone-tag.tsx';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { PlainTable } from './plain-table.tsx';
import { useWords } from './words.ts';

const TONES = { ok: 'success', warn: 'warning', fail: 'error', unknown: 'info', local: 'info' } as const;
const LEVELS = { ok: 'good', warn: 'warn', fail: 'bad' } as const;
const TODO = [
  'spf_missing', 'spf_many', 'spf_too_deep', 'spf_broken', 'spf_unreadable', 'spf_mx_many', 'spf_void',
  'spf_void_family', 'spf_ptr', 'spf_open', 'dkim_unknown', 'dkim_missing', 'dkim_other_key', 'dkim_many',
  'dkim_unusable', 'dkim_testing', 'dkim_misaligned', 'dmarc_missing', 'dmarc_broken', 'dmarc_testing', 'dmarc_none',
] as const; // prettier-ignore

export function Preflight() {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const report = useApi('GET /reach/preflight');
  return (
    <Section
      title={say('preflight')}
      text={say('preflight_text')}
      actions={
        <Button onClick={() => void report.refetch()} loading={report.isFetching}>
          {say('preflight_again')}
        </Button>
      }
    >
      <Loaded query={report}>
        {(data) => (
          <>
            <Alert
              type={TONES[data.verdict]}
              showIcon
              className="form-alert"
              title={say(`verdict_${data.verdict}`, { domain: data.domain })}
              description={say('preflight_volume', {
                volume: format.count(data.volume),
                bulk: format.count(data.bulkFrom),
              })}
            />
            {data.findings.length === 0 ? null : (
              <PlainTable
                label={say('preflight')}
                columns={[say('check'), say('result'), say('in_words'), say('to_do')]}
                rows={data.findings.map((finding, at) => ({
                  key: `${at} ${finding.code}`,
                  cells: [
                    say(`check_${finding.check}`),
                    <ToneTag key="level" tone={LEVELS[finding.level]}>
                      {say(`level_${finding.level}`)}
                    </ToneTag>,
                    finding[language],
                    <Todo key="todo" finding={finding} domain={data.domain} />,
                  ],
                }))}
              />
            )}
            {data.override === null ? (
              data.verdict === 'fail' ? (
                <Override />
              ) : null
            ) : (
              <p className="muted reach-after">
                {say('override_is', {
                  who: data.override.who,
                  until: format.instant(data.override.until),
                  note: data.override.note,
                })}
              </p>
            )}
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Todo({ finding, domain }: { readonly finding: PreflightFinding; readonly domain: string }) {
  const say = useWords();
  const code = TODO.find((each) => each === finding.code);
  return code === undefined ? say('todo_nothing') : say(`todo_${code}`, { domain });
}

function Override() {
  const say = useWords();
  const mayWrite = useMay()('reach.write');
  const [note, setNote] = useState('');
  const override = useAct('POST /reach/preflight/override', ['GET /reach/preflight']);
  if (!mayWrite) return null;
  return (
    <>
      <p className="reach-after">{say('override_text')}</p>
      <div className="reach-actions">
        <Input
          aria-label={say('why_note')}
          placeholder={say('why_note')}
          maxLength={500}
          value={note}
          className="reach-search"
          onChange={(event) => setNote(event.target.value)}
        />
        <Button
          danger
          disabled={note.trim().length < 3}
          loading={override.isPending}
          onClick={() => override.mutate({ body: { note: note.trim() } })}
        >
          {say('override')}
        </Button>
      </div>
      {override.error === null ? null : <Alert type="error" showIcon title={override.error.message} />}
    </>
  );
}

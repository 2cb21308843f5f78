// Who agreed to what, in which words, when and how? Shown for one person, and out of the ledger as a file for one or for everybody.
import { Alert, Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import { addressOf, saveAnswer } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty } from '../../frame/states.tsx';
import { shared, useLanguage } from '../../words/language.ts';
import { asTitle, useTermOptions, useTerms } from '../../words/terms.ts';
import { PlainTable } from './plain-table.tsx';
import { whoIs } from './who.ts';
import { useWords } from './words.ts';

/** A line of the ledger, as the export writes it. */
type Proof = {
  readonly consentId: string;
  readonly personId: string;
  readonly channel: string;
  readonly purpose: string;
  readonly status: 'granted' | 'withdrawn';
  readonly basis: string;
  readonly textVersion: string;
  readonly text: { readonly en: string; readonly zh: string } | null;
  readonly source: string;
  readonly decidedAt: string;
};

type Wanted = { readonly who: string; readonly channel: string | undefined };

const bodyOf = ({ who, channel }: Wanted, format: 'csv' | 'ndjson') => {
  const { email, phone, personId } = whoIs(who.trim());
  return {
    format,
    ...(channel === undefined ? {} : { channel }),
    ...(email === undefined ? {} : { emails: [email] }),
    ...(phone === undefined ? {} : { phones: [phone] }),
    ...(personId === undefined || personId === '' ? {} : { personIds: [personId] }),
  };
};

async function find(wanted: Wanted): Promise<readonly Proof[]> {
  const response = await fetch(addressOf('POST /consents/export'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(bodyOf(wanted, 'ndjson')),
  });
  if (!response.ok) throw await problemOf(response, shared('problem_unexpected'));
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Proof).toSorted((a, b) => (a.decidedAt < b.decidedAt ? 1 : -1));
}

const PURPOSES = ['marketing', 'ads_audience', 'profiling', 'transactional'] as const;

export function Proofs() {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const term = useTerms();
  const channels = useTermOptions('channel');
  const [who, setWho] = useState('');
  const [channel, setChannel] = useState<string>();
  const found = useMutation<readonly Proof[], Error, Wanted>({ mutationFn: find });
  const file = useMutation<void, Error, Wanted>({
    mutationFn: (wanted) =>
      saveAnswer('POST /consents/export', { body: bodyOf(wanted, 'csv') }, { name: 'consents.csv', type: 'text/csv' }),
  });
  const purposeOf = (purpose: string): string => {
    const known = PURPOSES.find((each) => each === purpose);
    return known === undefined ? purpose : say(`purpose_${known}`);
  };
  const error = found.error ?? file.error;
  return (
    <Section title={say('proofs')} text={say('proofs_text')}>
      <form
        className="reach-actions"
        onSubmit={(event) => {
          event.preventDefault();
          if (who.trim() !== '') found.mutate({ who, channel });
        }}
      >
        <Input
          aria-label={say('who')}
          placeholder={say('proofs_who')}
          value={who}
          className="reach-search"
          onChange={(event) => setWho(event.target.value)}
        />
        <Select
          aria-label={say('channel')}
          placeholder={say('every_channel')}
          allowClear
          className="reach-filter"
          value={channel ?? null}
          options={[...channels]}
          onChange={(next: string | null | undefined) => setChannel(next ?? undefined)}
        />
        <Button htmlType="submit" type="primary" loading={found.isPending} disabled={who.trim() === ''}>
          {say('proofs_find')}
        </Button>
        <Button loading={file.isPending} onClick={() => file.mutate({ who, channel })}>
          {say(who.trim() === '' ? 'proofs_export_all' : 'proofs_export')}
        </Button>
      </form>
      {error === null ? null : <Alert type="error" showIcon className="reach-after" title={error.message} />}
      {found.data === undefined ? null : found.data.length === 0 ? (
        <Empty title={say('proofs_none')} />
      ) : (
        <div className="reach-after">
          <PlainTable
            label={say('proofs')}
            columns={[
              say('decided'),
              say('person'),
              say('channel'),
              say('purpose'),
              say('status'),
              say('basis'),
              say('words'),
              say('source'),
            ]}
            rows={found.data.map((proof) => ({
              key: proof.consentId,
              cells: [
                format.instant(proof.decidedAt),
                proof.personId,
                term('channel', proof.channel),
                purposeOf(proof.purpose),
                say(`consent_${proof.status}`),
                asTitle(term('consent_basis', proof.basis)),
                proof.text?.[language] ?? proof.textVersion,
                proof.source,
              ],
            }))}
          />
        </div>
      )}
    </Section>
  );
}

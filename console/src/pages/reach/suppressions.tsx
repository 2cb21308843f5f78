// Who must not be contacted? And the proofs of consent, out of the ledger as a file.
import { Alert, App, Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { problemOf } from '../../api/problem.ts';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { shared } from '../../words/language.ts';
import { useTermOptions, useTerms } from '../../words/terms.ts';
import { PlainTable } from './plain-table.tsx';
import { useWords } from './words.ts';

const SHOWN = 200;
/** Her own wish, or the law's: nobody here takes that back. */
const HERS: ReadonlySet<string> = new Set(['unsubscribed', 'complained', 'erased']);

/** What somebody typed, as the kind of thing it is. */
const whoIs = (text: string): { readonly email?: string; readonly phone?: string; readonly personId?: string } =>
  text.includes('@') ? { email: text } : /^\+\d[\d ]+$/.test(text) ? { phone: text } : { personId: text };

export function Suppressions() {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const may = useMay();
  const { message } = App.useApp();
  const [search, setSearch] = useState('');
  const channels = useTermOptions('channel');
  const list = useApi('GET /suppressions', { query: { search, limit: SHOWN } }, { keepPrevious: true });
  const add = useAct('POST /suppressions', ['GET /suppressions']);
  const lift = useAct('POST /suppressions/lift', ['GET /suppressions']);
  const [form] = Form.useForm<{ who: string; channel: string; reason: string }>();
  return (
    <>
      <Section title={say('place_suppressions')} text={say('suppressions_text')}>
        {may('people.write') ? (
          <Form
            form={form}
            layout="vertical"
            className="reach-row"
            initialValues={{ channel: '*' }}
            onFinish={({ who, channel, reason }) =>
              add.mutate(
                {
                  body: { ...whoIs(who.trim()), channel, ...(reason === undefined || reason === '' ? {} : { reason }) },
                },
                {
                  onSuccess: () => {
                    form.resetFields();
                    void message.success(shared('saved'));
                  },
                },
              )
            }
          >
            <Form.Item name="who" label={say('who')} rules={[{ required: true }]}>
              <Input />
            </Form.Item>
            <Form.Item name="channel" label={say('channel')}>
              <Select options={[{ value: '*', label: say('every_channel') }, ...channels]} />
            </Form.Item>
            <Form.Item name="reason" label={say('reason')}>
              <Input maxLength={100} />
            </Form.Item>
            <Button htmlType="submit" loading={add.isPending}>
              {say('suppress')}
            </Button>
          </Form>
        ) : null}
        {[add, lift].map((act, at) =>
          act.error === null ? null : (
            <Alert key={at} type="error" showIcon className="form-alert" title={act.error.message} />
          ),
        )}
        <Input.Search
          aria-label={say('suppressions_search')}
          placeholder={say('suppressions_search')}
          allowClear
          className="reach-search"
          onSearch={(text) => setSearch(text.trim())}
        />
        <Loaded
          query={list}
          empty={{ when: (data) => data.suppressions.length === 0, show: <Empty title={say('suppressions_none')} /> }}
        >
          {(data) => (
            <PlainTable
              label={say('place_suppressions')}
              columns={[say('since'), say('who'), say('channel'), say('reason'), say('action')]}
              rows={data.suppressions.map((each) => ({
                key: `${each.kind} ${each.key} ${each.channel}`,
                cells: [
                  format.instant(each.createdAt),
                  each.kind === 'person' ? each.key : say('address_hash', { hash: each.key.slice(0, 10) }),
                  each.channel === '*' ? say('every_channel') : term('channel', each.channel),
                  term('refusal', each.reason),
                  may('people.write') && !HERS.has(each.reason) ? (
                    <ConfirmButton
                      key="lift"
                      size="small"
                      label={say('lift')}
                      question={say('lift_question')}
                      onConfirm={() => lift.mutate({ body: { kind: each.kind, key: each.key, channel: each.channel } })}
                    />
                  ) : null,
                ],
              }))}
            />
          )}
        </Loaded>
      </Section>
      {may('people.export') ? <Proofs /> : null}
    </>
  );
}

function Proofs() {
  const say = useWords();
  const [who, setWho] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const fetchFile = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    const { email, phone, personId } = whoIs(who.trim());
    const response = await fetch(addressOf('POST /consents/export'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        format: 'csv',
        ...(email === undefined ? {} : { emails: [email] }),
        ...(phone === undefined ? {} : { phones: [phone] }),
        ...(personId === undefined || personId === '' ? {} : { personIds: [personId] }),
      }),
    });
    if (!response.ok) throw await problemOf(response, shared('problem_unexpected'));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await response.blob());
    link.download = 'consents.csv';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Section title={say('proofs')} text={say('proofs_text')}>
      <p className="reach-actions">
        <Input
          aria-label={say('who')}
          placeholder={say('proofs_who')}
          value={who}
          className="reach-search"
          onChange={(event) => setWho(event.target.value)}
        />
        <Button
          loading={isBusy}
          onClick={() =>
            void fetchFile()
              .catch((cause: unknown) => setError(cause instanceof Error ? cause.message : String(cause)))
              .finally(() => setBusy(false))
          }
        >
          {say('proofs_export')}
        </Button>
      </p>
      {error === undefined ? null : <Alert type="error" showIcon title={error} />}
    </Section>
  );
}

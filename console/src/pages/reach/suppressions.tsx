// Who must not be contacted? Found by a whole address, added, and taken off with a reason that is kept.
import { Alert, App, Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import type { SuppressionWire } from '../../../../src/http/contract/reach.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { DataTable, useTableState, type DataColumn } from '../../table/data-table.tsx';
import { useShared } from '../../words/language.ts';
import { useTermOptions, useTerms } from '../../words/terms.ts';
import { BringConsents } from './bring-consents.tsx';
import { whoIs } from './who.ts';
import { useWords } from './words.ts';

/** Her own wish, or the law's: nobody here takes that back. */
const HERS: ReadonlySet<string> = new Set(['unsubscribed', 'complained', 'erased']);

const OWN_REASONS = ['bounced', 'complained', 'erased', 'imported_opt_out'] as const;

export function Suppressions() {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const may = useMay();
  const mayWrite = may('people.write');
  const mayBring = may('data.write');
  const table = useTableState('suppressions');
  const { search, page, pageSize } = table.state;
  const list = useApi(
    'GET /suppressions',
    { query: { search: search === '' ? undefined : search, page, limit: pageSize } },
    { keepPrevious: true },
  );
  const [lifted, setLifted] = useState<SuppressionWire>();
  const whoOf = (row: SuppressionWire): string =>
    row.kind === 'person' ? row.key : say('address_hash', { hash: row.key.slice(0, 10) });
  /** The product's own reasons have words; what somebody typed stands as she typed it. */
  const reasonText = (reason: string): string => {
    const own = OWN_REASONS.find((each) => each === reason);
    return own === undefined ? term('refusal', reason) : say(`suppressed_${own}`);
  };
  const columns: readonly DataColumn<SuppressionWire>[] = [
    { key: 'since', title: say('since'), width: 150, render: (row) => format.instant(row.createdAt) },
    { key: 'who', title: say('who'), width: 200, render: whoOf },
    {
      key: 'channel',
      title: say('channel'),
      width: 140,
      render: (row) => (row.channel === '*' ? say('every_channel') : term('channel', row.channel)),
    },
    { key: 'reason', title: say('reason'), width: 220, render: (row) => reasonText(row.reason) },
    {
      key: 'action',
      title: say('action'),
      width: 150,
      render: (row) =>
        !mayWrite ? (
          ''
        ) : HERS.has(row.reason) ? (
          <span className="muted">{say('hers')}</span>
        ) : (
          <Button size="small" onClick={() => setLifted(row)}>
            {say('lift')}
          </Button>
        ),
    },
  ];
  const rows = list.data === undefined ? undefined : { rows: list.data.suppressions, total: list.data.total };
  return (
    <>
      <Section title={say('place_suppressions')} text={say('suppressions_text')}>
        {mayWrite ? <Add /> : null}
        <DataTable<SuppressionWire>
          label={say('place_suppressions')}
          columns={columns}
          query={{ ...list, data: rows }}
          rowKey={(row) => `${row.kind} ${row.key} ${row.channel}`}
          table={table}
          searchHint={say('suppressions_search')}
          empty={<Empty title={say('suppressions_none')} />}
        />
        {lifted === undefined ? null : <Lift row={lifted} who={whoOf(lifted)} close={() => setLifted(undefined)} />}
      </Section>
      {mayBring ? <BringConsents /> : null}
    </>
  );
}

function Add() {
  const say = useWords();
  const shared = useShared();
  const { message } = App.useApp();
  const channels = useTermOptions('channel');
  const add = useAct('POST /suppressions', ['GET /suppressions']);
  const [form] = Form.useForm<{ who: string; channel: string; reason?: string }>();
  return (
    <>
      <Form
        form={form}
        layout="vertical"
        className="reach-row"
        initialValues={{ channel: '*' }}
        onFinish={({ who, channel, reason }) =>
          add.mutate(
            { body: { ...whoIs(who.trim()), channel, ...(reason === undefined || reason === '' ? {} : { reason }) } },
            {
              onSuccess: () => {
                form.resetFields();
                void message.success(shared('saved'));
              },
            },
          )
        }
      >
        <Form.Item name="who" label={say('who')} rules={[{ required: true, whitespace: true }]}>
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
      {add.error === null ? null : <Alert type="error" showIcon className="form-alert" title={add.error.message} />}
    </>
  );
}

type LiftProps = { readonly row: SuppressionWire; readonly who: string; readonly close: () => void };

function Lift({ row, who, close }: LiftProps) {
  const say = useWords();
  const shared = useShared();
  const [note, setNote] = useState('');
  const lift = useAct('POST /suppressions/lift', ['GET /suppressions']);
  return (
    <Modal
      open
      title={say('lift')}
      onCancel={close}
      okText={say('lift')}
      cancelText={shared('cancel')}
      okButtonProps={{ danger: true, loading: lift.isPending, disabled: note.trim().length < 3 }}
      onOk={() =>
        lift.mutate(
          { body: { kind: row.kind, key: row.key, channel: row.channel, note: note.trim() } },
          { onSuccess: close },
        )
      }
    >
      <p>{say('lift_question', { who })}</p>
      <label htmlFor="lift-note">{say('why_note')}</label>
      <Input id="lift-note" maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
      {lift.error === null ? null : <Alert type="error" showIcon className="reach-after" title={lift.error.message} />}
    </Modal>
  );
}

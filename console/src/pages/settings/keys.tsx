// What programs get in with: write keys that only send events, secret keys that may do what their scopes say.
import { Alert, Button, Form, Input, InputNumber, Select, Tag, Typography } from 'antd';
import type { KeyRow } from '../../../../src/http/contract/accounts.ts';
import type { Permission } from '../../../../src/http/contract/permissions.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay, useMe } from '../../session/session.tsx';
import { WideTable } from '../../table/wide-table.tsx';
import { useWords } from './words.ts';

type KeyFields = {
  readonly kind: 'write' | 'secret';
  readonly label: string;
  readonly scopes?: readonly Permission[];
  readonly expiresInDays?: number | null;
};

export function Keys() {
  const say = useWords();
  const may = useMay();
  const keys = useApi('GET /keys');
  return (
    <>
      {may('keys.write') ? (
        <Section title={say('key_new')} text={say('key_new_text')}>
          <NewKey />
        </Section>
      ) : null}
      <Section title={say('place_keys')}>
        <Loaded query={keys}>{(data) => <KeyTable keys={data.keys} />}</Loaded>
      </Section>
    </>
  );
}

function NewKey() {
  const say = useWords();
  const { permissions } = useMe();
  const [form] = Form.useForm<KeyFields>();
  const kind = Form.useWatch('kind', form) ?? 'write';
  const make = useAct('POST /keys', ['GET /keys']);
  return (
    <>
      <Form<KeyFields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ kind: 'write', label: '' }}
        onFinish={({ kind, label, scopes = [], expiresInDays }) =>
          make.mutate({
            body: {
              kind,
              label,
              ...(kind === 'secret' && scopes.length > 0 ? { scopes } : {}),
              ...(expiresInDays === undefined || expiresInDays === null ? {} : { expiresInDays }),
            },
          })
        }
      >
        <div className="fields">
          <Form.Item name="kind" label={say('key_kind')} extra={say(`key_${kind}_text`)}>
            <Select
              options={[
                { value: 'write', label: say('key_write') },
                { value: 'secret', label: say('key_secret') },
              ]}
            />
          </Form.Item>
          <Form.Item name="label" label={say('key_label')} rules={[{ required: true, max: 100 }]}>
            <Input />
          </Form.Item>
          {kind === 'secret' ? (
            <Form.Item name="scopes" label={say('key_scopes')} extra={say('key_scopes_help')}>
              <Select mode="multiple" options={permissions.map((each) => ({ value: each, label: each }))} />
            </Form.Item>
          ) : null}
          <Form.Item name="expiresInDays" label={say('key_days')} extra={say('key_days_help')}>
            <InputNumber min={1} max={3650} className="wide" />
          </Form.Item>
        </div>
        <Button type="primary" htmlType="submit" loading={make.isPending}>
          {say('key_make')}
        </Button>
      </Form>
      {make.error === null ? null : <Alert type="error" showIcon className="after" title={make.error.message} />}
      {make.data === undefined ? null : (
        <Alert
          type="success"
          showIcon
          className="after"
          title={say('key_once')}
          description={
            <Typography.Text copyable code>
              {make.data.key}
            </Typography.Text>
          }
        />
      )}
    </>
  );
}

function KeyTable({ keys }: { readonly keys: readonly KeyRow[] }) {
  const say = useWords();
  const format = useFormat();
  const may = useMay();
  const revoke = useAct('DELETE /keys/{keyId}', ['GET /keys']);
  return (
    <WideTable<KeyRow>
      label={say('place_keys')}
      rowKey="keyId"
      dataSource={[...keys]}
      pagination={false}
      columns={[
        { key: 'label', title: say('key_label'), render: (_, key) => key.label || key.keyId.slice(-6) },
        {
          key: 'kind',
          title: say('key_kind'),
          render: (_, key) => say(key.kind === 'write' ? 'key_write' : 'key_secret'),
        },
        {
          key: 'scopes',
          title: say('key_scopes'),
          render: (_, key) =>
            key.kind === 'write' ? (
              '–'
            ) : key.scopes === null ? (
              say('key_all')
            ) : (
              <span className="scopes">
                {key.scopes.map((each) => (
                  <Tag key={each}>{each}</Tag>
                ))}
              </span>
            ),
        },
        { key: 'made', title: say('key_made'), render: (_, key) => format.instant(key.createdAt) },
        {
          key: 'until',
          title: say('key_until'),
          render: (_, key) => (key.expiresAt === null ? say('key_never') : format.instant(key.expiresAt)),
        },
        {
          key: 'act',
          title: <span className="visually-hidden">{say('key_revoke')}</span>,
          align: 'right',
          render: (_, key) =>
            key.revokedAt !== null ? (
              <span className="muted">{say('key_revoked')}</span>
            ) : may('keys.write') ? (
              <ConfirmButton
                size="small"
                label={say('key_revoke')}
                question={say('key_revoke_ask')}
                text={say('key_revoke_text')}
                onConfirm={() => revoke.mutate({ params: { keyId: key.keyId } })}
              />
            ) : null,
        },
      ]}
    />
  );
}

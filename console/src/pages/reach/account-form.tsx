// The settings of one account outside. Secrets go in and never come out: what is shown is since when they are set.
import { Alert, App, Button, Form, Input, InputNumber, Select, Switch } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import type { ApiProblem } from '../../api/problem.ts';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { ConflictNotice } from '../../form/conflict-notice.tsx';
import { usePinned } from '../../form/pinned.ts';
import { useFormat } from '../../format/use-format.ts';
import { useMay } from '../../session/session.tsx';
import { useShared } from '../../words/language.ts';
import { formValues, isSecret, settingsOf, type AccountField } from './account-fields.ts';
import { useWords } from './words.ts';

type Settings = Readonly<Record<string, unknown>>;
type Account = {
  readonly settings?: Settings | null | undefined;
  readonly secretsSince: Readonly<Record<string, string>>;
  readonly source: 'saved' | 'environment' | 'none';
};
type AccountFormProps = {
  /** Names the account in the ids of its fields. */
  readonly id: string;
  readonly fields: readonly AccountField[];
  readonly account: Account;
  /** The version (`ETag`) of what was read. */
  readonly version: string | undefined;
  /** Put beside what the fields say, such as the provider. */
  readonly fixed?: Settings;
  readonly save: {
    readonly put: (settings: Settings | null, ifMatch: string | undefined, onSaved: () => void) => void;
    readonly error: ApiProblem | null;
    readonly isPending: boolean;
    readonly reload: () => void;
  };
  readonly extra?: ReactNode;
};

export function AccountForm({ id, fields, account: read, version: readAs, fixed, save, extra }: AccountFormProps) {
  const say = useWords();
  const shared = useShared();
  const { message } = App.useApp();
  const mayWrite = useMay()('business.write');
  const [form] = Form.useForm<Record<string, unknown>>();
  const seen = usePinned(read, readAs);
  const { value: account, version } = seen;
  useEffect(() => form.setFieldsValue(formValues(fields, account.settings)), [form, fields, account]);
  const [away, setAway] = useState<ReadonlySet<string>>(new Set());
  const [jsonError, setJsonError] = useState(false);
  const saved = (): void => {
    form.resetFields(fields.filter(isSecret).map(({ name }) => name));
    setAway(new Set());
    seen.release();
    void message.success(shared('saved'));
  };
  const submit = (ifMatch: string | undefined): void => {
    let settings: Settings;
    try {
      settings = { ...settingsOf(fields, form.getFieldsValue(), account.settings, away), ...fixed };
    } catch {
      setJsonError(true);
      return;
    }
    setJsonError(false);
    save.put(settings, ifMatch, saved);
  };
  return (
    <Form
      form={form}
      name={id}
      layout="vertical"
      disabled={!mayWrite}
      requiredMark="optional"
      autoComplete="off"
      initialValues={formValues(fields, account.settings)}
      onValuesChange={seen.hold}
      onFinish={() => submit(version)}
    >
      {account.source === 'environment' ? (
        <Alert type="info" showIcon className="form-alert" title={say('from_environment')} />
      ) : null}
      <div className="reach-fields">
        {fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            since={account.secretsSince[field.name]}
            isSet={isSecret(field) && account.settings?.[field.name] !== undefined}
            isAway={away.has(field.name)}
            onAway={(isAway) =>
              setAway(
                (before) => new Set([...before].filter((name) => name !== field.name).concat(isAway ? field.name : [])),
              )
            }
          />
        ))}
      </div>
      {jsonError ? <Alert type="error" showIcon className="form-alert" title={say('not_json')} /> : null}
      {save.error === null ? null : save.error.code === 'changed_elsewhere' ? (
        <ConflictNotice
          onLoad={() => {
            form.resetFields();
            seen.release();
            save.reload();
          }}
          onOverwrite={() => submit(undefined)}
        />
      ) : (
        <Alert type="error" showIcon className="form-alert" title={save.error.message} />
      )}
      <div className="reach-actions">
        {mayWrite ? (
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {shared('save')}
          </Button>
        ) : null}
        {mayWrite && account.source === 'saved' ? (
          <ConfirmButton
            label={say('forget')}
            question={say('forget_question')}
            onConfirm={() => save.put(null, undefined, saved)}
          />
        ) : null}
        {extra}
      </div>
    </Form>
  );
}

type FieldProps = {
  readonly field: AccountField;
  readonly since: string | undefined;
  readonly isSet: boolean;
  readonly isAway: boolean;
  readonly onAway: (isAway: boolean) => void;
};

function Field({ field, since, isSet, isAway, onAway }: FieldProps) {
  const say = useWords();
  const format = useFormat();
  const { name, label, kind, isRequired, choices } = field;
  const isWide = kind === 'long' || kind === 'pairs' || kind === 'long_secret' || kind === 'json_secret';
  return (
    <Form.Item
      name={name}
      label={say(`field_${label}`)}
      className={isWide ? 'reach-full' : ''}
      rules={[{ required: isRequired && !isSet, whitespace: isRequired && !isSet && kind !== 'number' }]}
      {...(kind === 'switch' ? { valuePropName: 'checked' } : {})}
      {...(isSet
        ? {
            extra: (
              <span className="reach-actions">
                {isAway
                  ? say('secret_away')
                  : since === undefined
                    ? say('secret_set')
                    : say('secret_since', { when: format.instant(since) })}
                {isRequired ? null : (
                  <Button size="small" type="link" onClick={() => onAway(!isAway)}>
                    {say(isAway ? 'secret_keep' : 'secret_remove')}
                  </Button>
                )}
              </span>
            ),
          }
        : {})}
    >
      {kind === 'secret' ? (
        <Input.Password autoComplete="new-password" />
      ) : kind === 'switch' ? (
        <Switch />
      ) : kind === 'number' ? (
        <InputNumber className="reach-wide" min={1} />
      ) : kind === 'choice' ? (
        <Select
          allowClear={!isRequired}
          options={(choices ?? []).map((value) => ({ value, label: <Choice value={value} /> }))}
        />
      ) : isWide ? (
        <Input.TextArea rows={kind === 'pairs' ? 3 : 5} spellCheck={false} autoComplete="off" />
      ) : (
        <Input />
      )}
    </Form.Item>
  );
}

const SAID = ['implicit', 'require', 'offer', 'off', 'formal', 'trial', 'developer', 'public', 'unlisted', 'private', 'en', 'zh'] as const; // prettier-ignore

/** Words for what is one; names of methods, types and regions stay. */
function Choice({ value }: { readonly value: string }) {
  const say = useWords();
  const word = SAID.find((each) => each === value);
  return word === undefined ? value : say(`choice_${word}`);
}

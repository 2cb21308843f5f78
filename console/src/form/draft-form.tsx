// A form that keeps what is typed, saves with the version it read, and says so when somebody else was faster. What is typed while an answer is on
// its way outlasts the answer.
import { Alert, App, Button, Form, type FormInstance } from 'antd';
import { useEffect, useRef, type ReactNode } from 'react';
import type { UseMutationResult } from '@tanstack/react-query';
import type { ApiProblem } from '../api/problem.ts';
import { useFormat } from '../format/use-format.ts';
import { useShared } from '../words/language.ts';
import { ConflictNotice } from './conflict-notice.tsx';
import { useDraft } from './draft.ts';
import { usePinned } from './pinned.ts';

type DraftFormProps<Fields extends object, Answer, Act> = {
  /** Names the thing that is edited, such as `template:spring`. */
  readonly draft: string;
  readonly initial: Fields;
  /** The version (`ETag`) of what was read. */
  readonly version?: string | undefined;
  readonly save: UseMutationResult<Answer, ApiProblem, Act>;
  /** What to hand to `save`; `ifMatch` is undefined when she wants to save over somebody else's change. */
  readonly actOf: (fields: Fields, ifMatch: string | undefined) => Act;
  readonly onSaved?: (answer: Answer) => void;
  /** Reads the current version again. */
  readonly reload?: () => void;
  readonly form?: FormInstance<Fields>;
  readonly saveWord?: string;
  /** Shows everything and changes nothing. */
  readonly isLocked?: boolean;
  readonly children: ReactNode;
};

export function DraftForm<Fields extends object, Answer, Act>(props: DraftFormProps<Fields, Answer, Act>) {
  const { save, actOf, onSaved, reload, saveWord, isLocked = false, children } = props;
  const seen = usePinned(props.initial, props.version);
  const { value: initial, version } = seen;
  const say = useShared();
  const format = useFormat();
  const { message } = App.useApp();
  const [own] = Form.useForm<Fields>();
  const form = props.form ?? own;
  const draft = useDraft<Fields>(props.draft, initial);
  const { found } = draft;
  const standsOn = found?.version ?? version;
  /** The fields she has changed since they were last sent. */
  const typed = useRef<Partial<Fields>>({});
  useEffect(() => {
    form.setFieldsValue({ ...initial, ...found?.value, ...typed.current } as never);
  }, [form, initial, found]);
  const submit = (ifMatch: string | undefined): void => {
    const before = typed.current;
    typed.current = {};
    save.mutate(actOf({ ...initial, ...form.getFieldsValue(true) }, ifMatch), {
      onError: () => {
        typed.current = { ...before, ...typed.current };
      },
      onSuccess: (answer) => {
        draft.drop();
        if (Object.keys(typed.current).length > 0) draft.keep({ ...form.getFieldsValue(true), ...typed.current });
        seen.release();
        void message.success(say('saved'));
        onSaved?.(answer);
      },
    });
  };
  const takeStored = (): void => {
    typed.current = {};
    draft.drop();
    form.resetFields();
  };
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      disabled={isLocked}
      requiredMark="optional"
      initialValues={{ ...initial, ...found?.value }}
      onValuesChange={(changed, all) => {
        seen.hold();
        typed.current = {
          ...typed.current,
          ...Object.fromEntries(Object.keys(changed).map((name) => [name, all[name as keyof Fields]])),
        };
        draft.keep(all, standsOn);
      }}
      onFinish={() => submit(standsOn)}
    >
      {found === undefined ? null : (
        <Alert
          type="info"
          showIcon
          className="form-alert"
          title={say('draft_restored', { when: format.instant(found.at) })}
          action={
            <Button
              size="small"
              onClick={() => {
                takeStored();
                form.setFieldsValue(initial as never);
              }}
            >
              {say('draft_discard')}
            </Button>
          }
        />
      )}
      {children}
      {save.error === null ? null : save.error.code === 'changed_elsewhere' ? (
        <ConflictNotice
          onLoad={() => {
            takeStored();
            save.reset();
            seen.release();
            reload?.();
          }}
          onOverwrite={() => submit(undefined)}
        />
      ) : (
        <Alert type="error" showIcon className="form-alert" title={save.error.message} />
      )}
      {isLocked ? null : (
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {saveWord ?? say('save')}
        </Button>
      )}
    </Form>
  );
}

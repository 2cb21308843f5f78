// What do we write about? Topics that people choose among, and that caps and programmes refer to.
import { Alert, Button, Form, Input } from 'antd';
import { useAct, useApi } from '../../api/queries.ts';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { PlainTable } from './plain-table.tsx';
import { useWords } from './words.ts';

type NewTopic = { readonly topicId: string; readonly en: string; readonly zh: string };

export function Topics() {
  const say = useWords();
  const language = useLanguage();
  const mayWrite = useMay()('reach.write');
  const topics = useApi('GET /topics');
  const add = useAct('POST /topics', ['GET /topics']);
  const retire = useAct('DELETE /topics/{topicId}', ['GET /topics']);
  const [form] = Form.useForm<NewTopic>();
  return (
    <Section title={say('topics')} text={say('topics_text')}>
      <Loaded query={topics}>
        {(data) =>
          data.topics.length === 0 ? (
            <p className="muted">{say('topics_none')}</p>
          ) : (
            <PlainTable
              label={say('topics')}
              columns={[say('topic'), say('topic_id'), say('action')]}
              rows={data.topics.map((topic) => ({
                key: topic.topicId,
                cells: [
                  topic[language],
                  topic.topicId,
                  mayWrite ? (
                    <ConfirmButton
                      key="retire"
                      size="small"
                      label={say('topic_retire')}
                      question={say('topic_retire_question', { name: topic[language] })}
                      onConfirm={() => retire.mutate({ params: { topicId: topic.topicId } })}
                    />
                  ) : null,
                ],
              }))}
            />
          )
        }
      </Loaded>
      {mayWrite ? (
        <Form
          form={form}
          layout="vertical"
          className="reach-row reach-after"
          onFinish={(topic) => add.mutate({ body: topic }, { onSuccess: () => form.resetFields() })}
        >
          <Form.Item
            name="topicId"
            label={say('topic_id')}
            rules={[{ required: true, pattern: /^[a-z0-9][a-z0-9-]{0,63}$/, message: say('topic_id_text') }]}
          >
            <Input />
          </Form.Item>
          <Form.Item name="en" label={say('topic_en')} rules={[{ required: true, whitespace: true, max: 80 }]}>
            <Input />
          </Form.Item>
          <Form.Item name="zh" label={say('topic_zh')} rules={[{ required: true, whitespace: true, max: 80 }]}>
            <Input />
          </Form.Item>
          <Button htmlType="submit" loading={add.isPending}>
            {say('topic_add')}
          </Button>
        </Form>
      ) : null}
      {[add, retire].map((act, at) =>
        act.error === null ? null : <Alert key={at} type="error" showIcon title={act.error.message} />,
      )}
    </Section>
  );
}

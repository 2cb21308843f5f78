// Whom do the ad networks reach, or leave out, for us? What is wanted beside what they hold, what stood in the way, and a file where no account is.
import { Alert, Button, Form, Input, Modal, Select, Tag } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import type { AudienceWire, NetworkWire } from '../../../../src/http/contract/audiences.ts';
import type { Operations } from '../../../../src/http/contract/operations.ts';
import { saveAnswer } from '../../api/client.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useLanguage } from '../../words/language.ts';
import { useTerms } from '../../words/terms.ts';
import { Closed } from './closed.tsx';
import { PlainTable } from './plain-table.tsx';
import { useWords } from './words.ts';

type NewAudience = Operations['POST /audiences']['body'];

export function Audiences() {
  const say = useWords();
  const language = useLanguage();
  const format = useFormat();
  const mayWrite = useMay()('reach.write');
  const audiences = useApi('GET /audiences');
  const [isNew, setNew] = useState(false);
  return (
    <>
      <Section
        title={say('place_audiences')}
        text={say('audiences_text')}
        actions={mayWrite ? <Button onClick={() => setNew(true)}>{say('audience_new')}</Button> : undefined}
      >
        <Loaded query={audiences}>
          {({ networks }) => (
            <PlainTable
              label={say('networks')}
              columns={[say('network'), say('account'), say('minimum')]}
              rows={networks.map((each) => ({
                key: each.network,
                cells: [
                  each.label[language],
                  each.closed !== null ? (
                    <Closed key="closed" closed={each.closed} />
                  ) : each.isConnected ? (
                    say('connected')
                  ) : (
                    <Link key="set-up" to="/reach/accounts#ads">
                      {say('set_up_now')}
                    </Link>
                  ),
                  format.count(each.minimum),
                ],
              }))}
            />
          )}
        </Loaded>
      </Section>
      <Loaded
        query={audiences}
        empty={{
          when: (data) => data.audiences.length === 0,
          show: (
            <Section>
              <Empty title={say('audiences_none')} text={say('audiences_none_text')} />
            </Section>
          ),
        }}
      >
        {(data) => (
          <>
            {data.audiences.map((audience) => (
              <Audience
                key={audience.audienceId}
                audience={audience}
                isConnected={data.networks.some((each) => each.network === audience.network && each.isConnected)}
              />
            ))}
          </>
        )}
      </Loaded>
      {isNew && audiences.data !== undefined ? (
        <NewAudienceModal networks={audiences.data.networks} close={() => setNew(false)} />
      ) : null}
    </>
  );
}

const COUNTS = ['wanted', 'in', 'toAdd', 'toRemove', 'refused'] as const;

function Audience({ audience, isConnected }: { readonly audience: AudienceWire; readonly isConnected: boolean }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const may = useMay();
  const { audienceId, people } = audience;
  const sync = useAct('POST /audiences/{audienceId}/sync', ['GET /audiences', 'GET /audiences/{audienceId}']);
  const close = useAct('POST /audiences/{audienceId}/close', ['GET /audiences', 'GET /audiences/{audienceId}']);
  const [isOpen, setOpen] = useState(false);
  const [fileError, setFileError] = useState<string>();
  const error = sync.error?.message ?? close.error?.message ?? fileError;
  return (
    <Section
      title={audience.name}
      text={say(`use_${audience.use}`, {
        network: audience.networkLabel[language],
        source: `${say(`source_${audience.source.kind}`)} ${audience.source.id}`,
      })}
      actions={audience.closedAt === null ? undefined : <Tag>{say('audience_closed')}</Tag>}
    >
      <dl className="reach-counts-list">
        {COUNTS.map((name) => (
          <div key={name}>
            <dt className="muted">{say(`count_${name}`)}</dt>
            <dd className="tabular">{format.count(people[name])}</dd>
          </div>
        ))}
      </dl>
      <p className="muted reach-after">
        {audience.syncedAt === null ? say('never_synced') : say('synced', { when: format.instant(audience.syncedAt) })}
      </p>
      {audience.trouble === null ? null : (
        <Alert
          type="error"
          showIcon
          className="form-alert"
          title={say('trouble', { code: audience.trouble.code })}
          description={
            <>
              {audience.trouble.detail}
              {audience.goesOnAt === null ? null : (
                <div>{say('goes_on', { when: format.instant(audience.goesOnAt) })}</div>
              )}
            </>
          }
        />
      )}
      {audience.warnings.map((warning) => (
        <Alert
          key={warning}
          type="warning"
          showIcon
          className="form-alert"
          title={say(`warning_${warning}`, { n: format.count(audience.minimum) })}
        />
      ))}
      {error === undefined ? null : <Alert type="error" showIcon className="form-alert" title={error} />}
      <div className="reach-actions">
        {may('reach.write') && isConnected ? (
          <Button loading={sync.isPending} onClick={() => sync.mutate({ params: { audienceId } })}>
            {say('sync_now')}
          </Button>
        ) : null}
        {may('people.export') ? (
          <Button
            onClick={() => {
              setFileError(undefined);
              saveAnswer(
                'POST /audiences/{audienceId}/file',
                { params: { audienceId } },
                { name: `${audienceId}.csv`, type: 'text/csv' },
              ).catch((cause: unknown) => setFileError(cause instanceof Error ? cause.message : String(cause)));
            }}
          >
            {say('audience_file')}
          </Button>
        ) : null}
        {may('reach.write') && audience.closedAt === null ? (
          <ConfirmButton
            label={say('audience_close')}
            question={say('audience_close_question')}
            onConfirm={() => close.mutate({ params: { audienceId } })}
          />
        ) : null}
      </div>
      {may('people.export') ? <p className="muted reach-after">{say('audience_file_text')}</p> : null}
      <details className="reach-account" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{say('audience_details')}</summary>
        {isOpen ? <Details audienceId={audienceId} /> : null}
      </details>
    </Section>
  );
}

const REASONS = ['returned', 'left', 'no_address', 'erased', 'merged'] as const;

function Details({ audienceId }: { readonly audienceId: string }) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const audience = useApi('GET /audiences/{audienceId}', { params: { audienceId } });
  const reasonText = (reason: string): string => {
    const own = REASONS.find((each) => each === reason);
    return own === undefined ? term('refusal', reason) : say(`out_${own}`);
  };
  return (
    <Loaded query={audience}>
      {({ batches, reasons }) => (
        <>
          {reasons.length === 0 ? null : (
            <PlainTable
              label={say('why_out')}
              columns={[say('why_out'), say('people')]}
              rows={reasons.map(({ reason, people }) => ({
                key: reason,
                cells: [reasonText(reason), format.count(people)],
              }))}
            />
          )}
          {batches.length === 0 ? (
            <p className="muted">{say('batches_none')}</p>
          ) : (
            <PlainTable
              label={say('batches')}
              columns={[say('since'), say('action'), say('people'), say('result'), say('why')]}
              rows={batches.map((batch) => ({
                key: batch.batchId,
                cells: [
                  format.instant(batch.startedAt),
                  say(`batch_${batch.action}`),
                  format.count(batch.people),
                  batch.outcome ?? say('batch_running'),
                  [batch.code, batch.detail].filter((each) => each !== null).join(': '),
                ],
              }))}
            />
          )}
        </>
      )}
    </Loaded>
  );
}

function NewAudienceModal({
  networks,
  close,
}: {
  readonly networks: readonly NetworkWire[];
  readonly close: () => void;
}) {
  const say = useWords();
  const language = useLanguage();
  const [form] = Form.useForm<NewAudience & { readonly kind: 'segment' | 'programme'; readonly id: string }>();
  const create = useAct('POST /audiences', ['GET /audiences']);
  const segments = useApi('GET /segments');
  const programmes = useApi('GET /programmes');
  const kind = Form.useWatch('kind', form) as 'segment' | 'programme' | undefined;
  const network = Form.useWatch('network', form) as string | undefined;
  const sources =
    kind === 'programme'
      ? (programmes.data?.programmes ?? []).map(({ programmeId, name }) => ({ value: programmeId, label: name }))
      : (segments.data?.segments ?? []).map(({ segmentId, name }) => ({ value: segmentId, label: name }));
  return (
    <Modal
      open
      title={say('audience_new')}
      onCancel={close}
      okText={say('audience_create')}
      cancelText={say('test_close')}
      okButtonProps={{ loading: create.isPending }}
      onOk={() => form.submit()}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark="optional"
        initialValues={{ kind: 'segment', use: 'target' }}
        onFinish={({ kind: sourceKind, id, remoteId, audienceId, name, network: key, use }) =>
          create.mutate(
            {
              body: {
                audienceId,
                name,
                network: key,
                use,
                source: { kind: sourceKind, id },
                ...(remoteId === undefined || remoteId === '' ? {} : { remoteId }),
              },
            },
            { onSuccess: close },
          )
        }
      >
        <Form.Item name="network" label={say('network')} rules={[{ required: true }]}>
          <Select options={networks.map((each) => ({ value: each.network, label: each.label[language] }))} />
        </Form.Item>
        <Form.Item
          name="name"
          label={say('audience_name')}
          rules={[{ required: true, max: 50 }]}
          extra={say('audience_name_text')}
        >
          <Input />
        </Form.Item>
        <Form.Item
          name="audienceId"
          label={say('audience_id')}
          rules={[{ required: true, pattern: /^[a-z0-9][a-z0-9_-]{0,63}$/ }]}
          extra={say('audience_id_text')}
        >
          <Input />
        </Form.Item>
        <Form.Item name="use" label={say('audience_use')}>
          <Select
            options={(['target', 'exclude'] as const).map((value) => ({ value, label: say(`audience_${value}`) }))}
          />
        </Form.Item>
        <Form.Item name="kind" label={say('audience_source')}>
          <Select
            options={(['segment', 'programme'] as const).map((value) => ({ value, label: say(`source_${value}`) }))}
            onChange={() => form.setFieldValue('id', undefined)}
          />
        </Form.Item>
        <Form.Item
          name="id"
          label={say(kind === 'programme' ? 'source_programme' : 'source_segment')}
          rules={[{ required: true }]}
        >
          <Select options={sources} />
        </Form.Item>
        {networks.find((each) => each.network === network)?.made === 'theirs' ? (
          <Form.Item
            name="remoteId"
            label={say('remote_id')}
            rules={[{ required: true }]}
            extra={say('remote_id_text')}
          >
            <Input />
          </Form.Item>
        ) : null}
      </Form>
      {create.error === null ? null : <Alert type="error" showIcon title={create.error.message} />}
    </Modal>
  );
}

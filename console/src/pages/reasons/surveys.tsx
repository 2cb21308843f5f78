// What do people say themselves when asked? Waves of the two surveys, and what a wave came to.
import { Alert, Form, Input, Segmented, Select, Tag } from 'antd';
import { useMemo, useState } from 'react';
import type { SurveyKindName, SurveyResultsWire, WaveWire } from '../../../../src/http/contract/reasons.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { Chart, FigureRegion } from '../../chart/chart.tsx';
import { ConfirmButton } from '../../form/confirm-button.tsx';
import { DraftForm } from '../../form/draft-form.tsx';
import { useFormat } from '../../format/use-format.ts';
import { ToneTag } from '../../frame/tone-tag.tsx';
import { Figure, Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useMay } from '../../session/session.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useLanguage } from '../../words/language.ts';
import { useTerms } from '../../words/terms.ts';
import { useWords } from './words.ts';

type Counted = WaveWire & { readonly invited: number; readonly answered: number };

export function Surveys({ policyId }: { readonly policyId: string }) {
  const say = useWords();
  const mayWrite = useMay()('reasons.write');
  const surveys = useApi('GET /surveys');
  return (
    <>
      <Loaded
        query={surveys}
        empty={{
          when: (data) => data.surveys.length === 0,
          show: <Empty title={say('waves_none')} text={say('waves_none_text')} />,
        }}
      >
        {(data) => <Waves waves={data.surveys} policyId={policyId} />}
      </Loaded>
      {mayWrite ? <NewWave /> : null}
    </>
  );
}

function Waves({ waves, policyId }: { readonly waves: readonly Counted[]; readonly policyId: string }) {
  const say = useWords();
  const format = useFormat();
  const mayWrite = useMay()('reasons.write');
  const close = useAct('POST /surveys/{surveyId}/close', ['GET /surveys', 'POST /surveys/{surveyId}/results']);
  const [asked, ask] = useState<string>();
  const chosen = waves.find(({ surveyId }) => surveyId === asked) ?? waves[0];
  if (chosen === undefined) return null;
  return (
    <>
      <Section
        title={say('waves')}
        text={say('waves_text')}
        actions={
          <Select
            aria-label={say('waves')}
            value={chosen.surveyId}
            onChange={ask}
            className="reasons-by"
            options={waves.map(({ surveyId, name }) => ({ value: surveyId, label: name }))}
          />
        }
      >
        <div className="reasons-wave">
          <div>
            <p>
              <b>{chosen.name}</b> <Tag>{say(`kind_${chosen.kind}`)}</Tag>
              {chosen.closedAt === null ? <ToneTag tone="good">{say('open')}</ToneTag> : <Tag>{say('closed')}</Tag>}
            </p>
            <p className="muted">
              {chosen.closedAt === null
                ? say('opened_at', { at: format.instant(chosen.openedAt) })
                : say('opened_closed', { at: format.instant(chosen.openedAt), end: format.instant(chosen.closedAt) })}
            </p>
          </div>
          {mayWrite && chosen.closedAt === null ? (
            <ConfirmButton
              label={say('close_wave')}
              question={say('close_question')}
              text={say('close_text')}
              loading={close.isPending}
              onConfirm={() => close.mutate({ params: { surveyId: chosen.surveyId } })}
            />
          ) : null}
        </div>
        {close.error === null ? null : <Alert type="error" showIcon title={close.error.message} />}
      </Section>
      <Results key={chosen.surveyId} surveyId={chosen.surveyId} policyId={policyId} />
    </>
  );
}

function Results({ surveyId, policyId }: { readonly surveyId: string; readonly policyId: string }) {
  const say = useWords();
  const results = useApi('POST /surveys/{surveyId}/results', { params: { surveyId }, body: { policyId } });
  return (
    <Loaded query={results} rows={8}>
      {(data) => (
        <>
          <ResultFigures results={data} />
          {data.answered === 0 ? (
            <Empty title={say('answers_none')} text={say('answers_none_text')} />
          ) : (
            <>
              <Section title={say('answers')} text={say('answers_text')}>
                <Answers results={data} />
              </Section>
              <Section title={say('bias')} text={say('bias_text')}>
                <Bias results={data} />
              </Section>
              {data.texts.length === 0 ? null : (
                <Section title={say('texts')} text={say('texts_text')}>
                  <Texts results={data} />
                </Section>
              )}
            </>
          )}
        </>
      )}
    </Loaded>
  );
}

function ResultFigures({ results }: { readonly results: SurveyResultsWire }) {
  const say = useWords();
  const format = useFormat();
  const { nps, response } = results;
  const whole = (value: number): string => format.signedCount(value);
  return (
    <div className="figures">
      {nps === null ? null : (
        <Figure
          tone="accent"
          label={say('nps')}
          value={whole(nps.score)}
          note={say('range', { low: whole(nps.low), high: whole(nps.high) })}
        />
      )}
      <Figure
        label={say('asked')}
        value={format.count(results.invited)}
        note={say('answered_n', { count: results.answered, n: format.count(results.answered) })}
      />
      <Figure
        label={say('response')}
        value={results.invited === 0 ? say('not_yet') : format.percent(response.share)}
        note={
          results.invited === 0
            ? undefined
            : say('range', { low: format.percent(response.low), high: format.percent(response.high) })
        }
      />
    </div>
  );
}

function Answers({ results }: { readonly results: SurveyResultsWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { palette } = useTheme();
  const { answers } = results;
  const option = useMemo(
    () => ({
      legend: { right: 72, left: 'auto' },
      grid: { left: 8, right: 24, top: 40, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        trigger: 'axis',
        axisPointer: { type: 'shadow' },
        valueFormatter: (value: unknown) => (typeof value === 'number' ? format.percent(value) : ''),
      },
      xAxis: { type: 'value', min: 0, axisLabel: { formatter: (value: number) => format.percent(value, 0) } },
      yAxis: {
        type: 'category',
        inverse: true,
        axisLine: { show: false },
        axisLabel: { color: palette.ink },
        data: answers.map(({ label }) => label[language]),
      },
      series: [
        {
          type: 'bar',
          name: say('as_answered'),
          barWidth: 9,
          itemStyle: { color: palette.accent, borderRadius: 3 },
          data: answers.map(({ share }) => share),
        },
        {
          type: 'bar',
          name: say('reweighted'),
          barWidth: 9,
          itemStyle: { color: palette.muted, opacity: 0.5, borderRadius: 3 },
          data: answers.map(({ weightedShare }) => weightedShare),
        },
      ],
    }),
    [answers, palette, format, language, say],
  );
  return (
    <Chart
      label={say('answers')}
      option={option}
      height={60 + 34 * answers.length}
      table={{
        columns: [
          { title: say('column_answer') },
          { title: say('column_people'), align: 'right' },
          { title: say('as_answered'), align: 'right' },
          { title: say('column_interval'), align: 'right' },
          { title: say('reweighted'), align: 'right' },
        ],
        rows: answers.map((row) => [
          row.label[language],
          format.count(row.count),
          format.percent(row.share),
          `${format.percent(row.low)} … ${format.percent(row.high)}`,
          format.percent(row.weightedShare),
        ]),
      }}
    />
  );
}

function Bias({ results }: { readonly results: SurveyResultsWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const term = useTerms();
  const { comparison, groups } = results;
  const stageName = (stage: string): string => (stage === 'none' ? say('no_stage') : term('stage', stage));
  const dash = (value: number | null | undefined, show: (value: number) => string): string =>
    value === null || value === undefined ? '–' : show(value);
  return (
    <>
      <p className="reasons-lead">{results.bias[language]}</p>
      <FigureRegion
        label={say('bias')}
        table={{
          columns: [
            { title: say('column_stage') },
            { title: say('asked'), align: 'right' },
            { title: say('answered'), align: 'right' },
            { title: say('response'), align: 'right' },
          ],
          rows: groups.map(({ group, invited, answered, response }) => [
            stageName(group),
            format.count(invited),
            format.count(answered),
            say('share_interval', {
              share: format.percent(response.share),
              low: format.percent(response.low),
              high: format.percent(response.high),
            }),
          ]),
        }}
      />
      {comparison === null ? null : (
        <FigureRegion
          label={say('comparison')}
          table={{
            columns: [
              { title: say('comparison') },
              { title: say('those_asked'), align: 'right' },
              { title: say('those_answered'), align: 'right' },
            ],
            rows: [
              [
                say('mean_spent'),
                dash(comparison.invited.meanSpentCents, format.money),
                dash(comparison.answered.meanSpentCents, format.money),
              ],
              [
                say('mean_silent'),
                dash(comparison.invited.meanSilentDays, (days) => format.decimal(days)),
                dash(comparison.answered.meanSilentDays, (days) => format.decimal(days)),
              ],
              ...Object.keys(comparison.invited.stages).map((stage) => [
                stageName(stage),
                dash(comparison.invited.stages[stage], (share) => format.percent(share)),
                dash(comparison.answered.stages[stage], (share) => format.percent(share)),
              ]),
            ],
          }}
        />
      )}
    </>
  );
}

const TEXTS_SHOWN = 20;

function Texts({ results }: { readonly results: SurveyResultsWire }) {
  const format = useFormat();
  const language = useLanguage();
  const labels = new Map(results.answers.map(({ answer, label }) => [answer, label[language]]));
  return (
    <ul className="reasons-texts">
      {results.texts.slice(0, TEXTS_SHOWN).map(({ answer, text, at }) => (
        <li key={`${at} ${text}`}>
          <blockquote>{text}</blockquote>
          <p className="muted">
            {labels.get(answer) ?? answer} · {format.instant(at)}
          </p>
        </li>
      ))}
    </ul>
  );
}

type WaveFields = { kind: SurveyKindName; name: string; surveyId: string; questionEn?: string; questionZh?: string };

const NEW: WaveFields = { kind: 'reason', name: '', surveyId: '' };

function NewWave() {
  const say = useWords();
  const open = useAct('POST /surveys', ['GET /surveys']);
  const [form] = Form.useForm<WaveFields>();
  const needed = [{ required: true, message: say('needed') }];
  return (
    <Section title={say('new_wave')} text={say('new_wave_text')}>
      <DraftForm
        draft="survey:new"
        form={form}
        initial={NEW}
        save={open}
        saveWord={say('open_wave')}
        actOf={({ kind, name, surveyId, questionEn = '', questionZh = '' }) => ({
          body: {
            kind,
            name,
            surveyId,
            ...(questionEn === '' || questionZh === '' ? {} : { question: { en: questionEn, zh: questionZh } }),
          },
        })}
        onSaved={() => form.resetFields()}
      >
        <Form.Item name="kind" required label={say('field_kind')}>
          <Segmented
            options={(['reason', 'nps'] as const).map((kind) => ({ value: kind, label: say(`kind_${kind}`) }))}
          />
        </Form.Item>
        <div className="reasons-fields">
          <Form.Item name="name" label={say('field_name')} rules={needed}>
            <Input maxLength={120} />
          </Form.Item>
          <Form.Item
            name="surveyId"
            label={say('field_id')}
            extra={say('field_id_help')}
            rules={[{ required: true, pattern: /^[a-z][a-z0-9-]{0,39}$/, message: say('field_id_wrong') }]}
          >
            <Input />
          </Form.Item>
          <Form.Item
            name="questionEn"
            label={say('field_question_en')}
            dependencies={['questionZh']}
            rules={[
              ({ getFieldValue }) => ({
                validator: (_, value: string | undefined) =>
                  ((value ?? '') === '') === (((getFieldValue('questionZh') as string | undefined) ?? '') === '')
                    ? Promise.resolve()
                    : Promise.reject(new Error(say('question_both'))),
              }),
            ]}
          >
            <Input maxLength={200} lang="en" />
          </Form.Item>
          <Form.Item name="questionZh" label={say('field_question_zh')}>
            <Input maxLength={200} lang="zh-CN" />
          </Form.Item>
        </div>
      </DraftForm>
    </Section>
  );
}

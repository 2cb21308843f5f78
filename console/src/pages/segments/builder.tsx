// The tree on the screen: groups, negations and conditions, built, moved and taken back; what is wrong is said where it is wrong.
import {
  ArrowDownOutlined,
  ArrowUpOutlined,
  DeleteOutlined,
  GroupOutlined,
  HolderOutlined,
  RedoOutlined,
  UndoOutlined,
  UngroupOutlined,
} from '@ant-design/icons';
import { Button, Segmented, Select, Tag, Tooltip } from 'antd';
import { useState, type ReactNode } from 'react';
import type { SegmentNode, SegmentVocabulary } from '../../../../src/http/contract/segments.ts';
import { useFormat } from '../../format/use-format.ts';
import { useLanguage } from '../../words/language.ts';
import { ConditionForm } from './condition-form.tsx';
import { useFieldWords } from './field-words.ts';
import type { History, Step } from './history.ts';
import { fieldsOf, firstOf, operatorsOf, type Operators, type Problem } from './operators.ts';
import {
  grouped,
  inserted,
  isGroup,
  moved,
  negated,
  negatedBy,
  placeOf,
  removed,
  replaced,
  shifted,
  ungrouped,
  type Group,
  type Path,
} from './tree.ts';
import { useWords } from './words.ts';

type Tools = {
  readonly root: SegmentNode;
  readonly vocabulary: SegmentVocabulary;
  readonly operators: Operators;
  readonly ownId: string | undefined;
  readonly problems: readonly Problem[];
  /** How many people a condition is true of by itself, by place. */
  readonly counts: ReadonlyMap<string, number>;
  readonly change: (tree: SegmentNode, place?: string) => void;
  readonly dragged: Path | undefined;
  readonly drag: (path: Path | undefined) => void;
};

type BuilderProps = {
  readonly history: History;
  readonly step: (step: Step) => void;
  readonly vocabulary: SegmentVocabulary;
  readonly ownId: string | undefined;
  readonly problems: readonly Problem[];
  readonly counts: ReadonlyMap<string, number>;
  readonly isLocked: boolean;
};

export function Builder({ history, step, vocabulary, ownId, problems, counts, isLocked }: BuilderProps) {
  const say = useWords();
  const [dragged, drag] = useState<Path>();
  const root = history.present;
  const tools: Tools = {
    root,
    vocabulary,
    operators: operatorsOf(vocabulary),
    ownId,
    problems,
    counts,
    dragged,
    drag,
    change: (tree, place) =>
      step({
        kind: 'change',
        tree,
        at: Date.now(),
        ...(place === undefined ? {} : { place }),
      }),
  };
  return (
    <fieldset className="seg-builder" disabled={isLocked}>
      <legend className="visually-hidden">{say('builder')}</legend>
      {isLocked ? null : (
        <div className="seg-history">
          <Button icon={<UndoOutlined />} disabled={history.past.length === 0} onClick={() => step({ kind: 'undo' })}>
            {say('undo')}
          </Button>
          <Button icon={<RedoOutlined />} disabled={history.future.length === 0} onClick={() => step({ kind: 'redo' })}>
            {say('redo')}
          </Button>
        </div>
      )}
      {isGroup(root) ? <GroupView tools={tools} group={root} path={[]} /> : null}
    </fieldset>
  );
}

type GroupViewProps = {
  readonly tools: Tools;
  readonly group: SegmentNode & Group;
  readonly path: Path;
  /** The buttons of a group within another. */
  readonly own?: ReactNode;
};

function GroupView({ tools, group, path, own }: GroupViewProps) {
  const say = useWords();
  const { root, change } = tools;
  return (
    <div
      className={path.length === 0 ? 'seg-group seg-root' : 'seg-group'}
      role="group"
      aria-label={say(`all_${group.kind}`)}
    >
      <div className="seg-head">
        <Segmented<Group['kind']>
          value={group.kind}
          aria-label={say('joined_by')}
          options={[
            { value: 'and', label: say('all_and') },
            { value: 'or', label: say('all_or') },
          ]}
          onChange={(kind) => change(replaced(root, path, { ...group, kind }))}
        />
        {own}
      </div>
      <Problems tools={tools} place={placeOf(path)} isExact />
      <DropPlace tools={tools} group={path} at={0} />
      {group.of.map((child, i) => (
        // A child has no identity but its place.
        <div key={i}>
          {i === 0 ? null : <p className="seg-joint muted">{say(`joint_${group.kind}`)}</p>}
          <UnitView tools={tools} unit={child} path={[...path, 'of', i]} siblings={group.of.length} />
          <DropPlace tools={tools} group={path} at={i + 1} />
        </div>
      ))}
      <div className="seg-add">
        <AddCondition
          vocabulary={tools.vocabulary}
          add={(node) => change(inserted(root, path, group.of.length, node))}
        />
        <Button
          icon={<GroupOutlined />}
          onClick={() =>
            change(
              inserted(root, path, group.of.length, {
                kind: group.kind === 'and' ? 'or' : 'and',
                of: [],
              }),
            )
          }
        >
          {say('add_group')}
        </Button>
      </div>
    </div>
  );
}

type UnitProps = {
  readonly tools: Tools;
  readonly unit: SegmentNode;
  readonly path: Path;
  readonly siblings: number;
};

/** A group's child: a condition or a group, with its negations, which move with it. */
function UnitView({ tools, unit, path, siblings }: UnitProps) {
  const say = useWords();
  const { root, change, drag } = tools;
  let [node, inner] = [unit, path];
  for (let under = negatedBy(node); under !== undefined; under = negatedBy(node)) {
    node = under;
    inner = [...inner, 'of'];
  }
  const nots = inner.length - path.length;
  const at = Number(path.at(-1));
  const buttons = (
    <span className="seg-tools">
      <Button
        size="small"
        type={nots % 2 === 1 ? 'primary' : 'default'}
        aria-pressed={nots % 2 === 1}
        onClick={() => change(negated(root, path))}
      >
        {say('not')}
      </Button>
      <IconButton
        label={say('move_up')}
        icon={<ArrowUpOutlined />}
        disabled={at === 0}
        onClick={() => change(shifted(root, path, -1))}
      />
      <IconButton
        label={say('move_down')}
        icon={<ArrowDownOutlined />}
        disabled={at === siblings - 1}
        onClick={() => change(shifted(root, path, 1))}
      />
      {isGroup(node) ? (
        nots > 0 ? null : (
          <IconButton label={say('ungroup')} icon={<UngroupOutlined />} onClick={() => change(ungrouped(root, path))} />
        )
      ) : (
        <IconButton
          label={say('to_group')}
          icon={<GroupOutlined />}
          onClick={() => change(grouped(root, path, 'or'))}
        />
      )}
      <IconButton label={say('remove')} icon={<DeleteOutlined />} onClick={() => change(removed(root, path))} />
      <span
        className="seg-handle"
        draggable
        aria-hidden="true"
        title={say('drag')}
        onDragStart={(event) => {
          event.dataTransfer.effectAllowed = 'move';
          event.dataTransfer.setData('text/plain', placeOf(path));
          drag(path);
        }}
        onDragEnd={() => drag(undefined)}
      >
        <HolderOutlined />
      </span>
    </span>
  );
  return (
    <div className={nots % 2 === 1 ? 'seg-unit seg-negated' : 'seg-unit'}>
      {isGroup(node) ? (
        <GroupView tools={tools} group={node} path={inner} own={buttons} />
      ) : (
        <ConditionView tools={tools} node={node} path={inner} buttons={buttons} />
      )}
    </div>
  );
}

type ConditionProps = {
  readonly tools: Tools;
  readonly node: SegmentNode;
  readonly path: Path;
  readonly buttons: ReactNode;
};

function ConditionView({ tools, node, path, buttons }: ConditionProps) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { root, change, vocabulary, operators, ownId, problems, counts } = tools;
  const place = placeOf(path);
  const schema = fieldsOf(node.kind, operators);
  const people = counts.get(place);
  const label =
    node.kind === 'segment' ? say('another_segment') : (operators.get(node.kind)?.label[language] ?? node.kind);
  return (
    <div className="seg-condition" role="group" aria-label={label}>
      <div className="seg-head">
        <strong>{label}</strong>
        {people === undefined ? null : (
          <Tooltip title={say('alone')}>
            <Tag>{say('people', { n: format.count(people), count: people })}</Tag>
          </Tooltip>
        )}
        {buttons}
      </div>
      {schema === undefined ? null : (
        <ConditionForm
          kind={node.kind}
          vocabulary={vocabulary}
          ownId={ownId}
          problems={problems}
          schema={schema}
          node={node}
          place={place}
          onChange={(next, at) => change(replaced(root, path, next), at)}
        />
      )}
      <Problems tools={tools} place={place} />
    </div>
  );
}

/** What is wrong at a place; of a condition also what is wrong within. */
function Problems({
  tools,
  place,
  isExact = false,
}: {
  readonly tools: Tools;
  readonly place: string;
  readonly isExact?: boolean;
}) {
  const say = useWords();
  const fieldWords = useFieldWords();
  const here = tools.problems.filter(
    (problem) =>
      problem.place === place || (isExact ? problem.place === `${place}.of` : problem.place.startsWith(`${place}.`)),
  );
  const textOf = (problem: Problem): string => {
    switch (problem.kind) {
      case 'missing':
        return say('problem_missing', { field: fieldWords('', problem.field) });
      case 'empty':
        return say('problem_empty');
      case 'unknown':
        return say('problem_unknown', { kind: problem.operator });
      case 'refused':
        return problem.what;
    }
  };
  if (here.length === 0) return null;
  return (
    <div role="alert">
      <ul className="seg-problems">
        {here.map((problem) => (
          <li key={`${problem.kind}${problem.place}`}>{textOf(problem)}</li>
        ))}
      </ul>
    </div>
  );
}

function DropPlace({ tools, group, at }: { readonly tools: Tools; readonly group: Path; readonly at: number }) {
  const { root, dragged, drag, change } = tools;
  const [isOver, setOver] = useState(false);
  if (dragged === undefined) return null;
  return (
    <div
      className={isOver ? 'seg-drop seg-drop-over' : 'seg-drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        change(moved(root, dragged, group, at));
        drag(undefined);
      }}
    />
  );
}

type AddProps = {
  readonly vocabulary: SegmentVocabulary;
  readonly add: (node: SegmentNode) => void;
};

function AddCondition({ vocabulary, add }: AddProps) {
  const say = useWords();
  const language = useLanguage();
  const options = vocabulary.groups.map(({ name, label }) => ({
    label: label[language],
    options: [
      ...vocabulary.operators
        .filter(({ group }) => group.name === name)
        .map((operator) => ({
          value: operator.kind,
          label: operator.label[language],
        })),
      ...(name === 'sets' ? [{ value: 'segment', label: say('another_segment') }] : []),
    ],
  }));
  return (
    <Select<string>
      aria-label={say('add_condition')}
      placeholder={say('add_condition')}
      className="seg-add-select"
      value={null as never}
      options={options}
      showSearch={{ optionFilterProp: 'label' }}
      onChange={(kind) => add(firstOf(kind, vocabulary))}
      listHeight={420}
    />
  );
}

type IconButtonProps = {
  readonly label: string;
  readonly icon: ReactNode;
  readonly disabled?: boolean;
  readonly onClick: () => void;
};

function IconButton({ label, icon, disabled = false, onClick }: IconButtonProps) {
  return (
    <Tooltip title={label}>
      <Button size="small" type="text" aria-label={label} icon={icon} disabled={disabled} onClick={onClick} />
    </Tooltip>
  );
}

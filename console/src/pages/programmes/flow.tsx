// A programme as a picture: who enters, who is left alone, what happens to the others, and where it ends.
import { Background, Position, ReactFlow, type Edge, type Node } from '@xyflow/react';
import { useMemo } from 'react';
import '@xyflow/react/dist/style.css';
import type { ProgrammeBody } from '../../../../src/http/contract/programmes.ts';
import { useFormat } from '../../format/use-format.ts';
import { useTerms } from '../../words/terms.ts';
import { useWords } from './words.ts';

type FlowProps = {
  readonly programme: ProgrammeBody;
  /** People whose next step is the one at this place, as it runs. */
  readonly waiting?: ReadonlyMap<number, number>;
};

const COLUMN = 230;
const NODE = { width: 190 };

export default function Flow({ programme, waiting }: FlowProps) {
  const say = useWords();
  const term = useTerms();
  const format = useFormat();
  const { nodes, edges } = useMemo(() => {
    const place = (column: number, row: number) => ({ x: column * COLUMN, y: row * 110 });
    const box = (id: string, column: number, row: number, label: string, tone: string): Node => ({
      id,
      position: place(column, row),
      data: { label },
      className: `programmes-node programmes-node-${tone}`,
      style: NODE,
      sourcePosition: Position.Right,
      targetPosition: Position.Left,
    });
    const stages = programme.audience.stages.map((stage) => term('stage', stage)).join(say('list_separator'));
    const shown: Node[] = [
      box('enter', 0, 0.5, say('flow_enter', { stages }), 'enter'),
      box('control', 1, 1.2, say('flow_control', { share: format.percent(programme.controlShare, 0) }), 'control'),
    ];
    const lines: Edge[] = [{ id: 'enter-control', source: 'enter', target: 'control' }];
    let before = 'enter';
    programme.steps.forEach((step, at) => {
      const id = `step-${at}`;
      const here = waiting?.get(at);
      const words =
        step.kind === 'wait'
          ? say('flow_wait', { n: step.days, count: step.days })
          : say('flow_message', {
              channel: (step.channels ?? [step.channel ?? '']).map((channel) => term('channel', channel)).join(' → '),
              variants: step.variants.map((variant) => variant.key).join(' / '),
            });
      const people =
        here === undefined || here === 0 ? '' : `\n${say('flow_here', { n: format.count(here), count: here })}`;
      shown.push(box(id, at + 1, 0, words + people, step.kind));
      lines.push({ id: `${before}-${id}`, source: before, target: id });
      before = id;
    });
    shown.push(
      box(
        'end',
        programme.steps.length + 1,
        0.5,
        say('flow_end', { n: programme.goal.withinDays, count: programme.goal.withinDays }),
        'end',
      ),
    );
    lines.push(
      { id: `${before}-end`, source: before, target: 'end' },
      { id: 'control-end', source: 'control', target: 'end', className: 'programmes-edge-control' },
    );
    return { nodes: shown, edges: lines };
  }, [programme, waiting, say, term, format]);
  return (
    <div className="programmes-flow" role="img" aria-label={say('flow_label')}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        fitView
        fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        minZoom={0.2}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={22} size={1} />
      </ReactFlow>
    </div>
  );
}

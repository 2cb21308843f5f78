// How much of something is used up: a bar, and the same in words.
import { Progress } from 'antd';
import './page-frame.css';

type ShareBarProps = {
  readonly label: string;
  readonly part: number;
  readonly whole: number;
  /** The two as a person reads them. */
  readonly text: string;
};

export function ShareBar({ label, part, whole, text }: ShareBarProps) {
  return (
    <div>
      <p className="share-bar-label muted">{label}</p>
      <Progress
        aria-label={`${label}: ${text}`}
        percent={whole === 0 ? 0 : Math.min(100, (part / whole) * 100)}
        showInfo={false}
        size="small"
      />
      <p className="tabular">{text}</p>
    </div>
  );
}

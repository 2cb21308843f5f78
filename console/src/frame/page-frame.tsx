// A page's frame: one question, answered below. Everything a page shows stands in this.
import { useEffect, type ReactNode } from 'react';
import { useShared } from '../words/language.ts';
import './page-frame.css';

type PageFrameProps = {
  /** The short name, for the browser's title. */
  readonly title: string;
  /** The one question that the page answers. */
  readonly question: string;
  readonly intro?: ReactNode;
  /** The main actions, at most two. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
};

export function PageFrame({ title, question, intro, actions, children }: PageFrameProps) {
  const say = useShared();
  const app = say('app');
  useEffect(() => {
    document.title = `${title} · ${app}`;
  }, [title, app]);
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <p className="page-title">{title}</p>
          <h1>{question}</h1>
          {intro === undefined ? null : <p className="page-intro muted">{intro}</p>}
        </div>
        {actions === undefined ? null : <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type SectionProps = {
  readonly title?: string;
  readonly text?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
};

/** A card within a page: a heading, what it says in a sentence, the content. */
export function Section({ title, text, actions, children }: SectionProps) {
  return (
    <section className="card">
      {title === undefined ? null : (
        <header className="card-head">
          <div>
            <h2>{title}</h2>
            {text === undefined ? null : <p className="muted">{text}</p>}
          </div>
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}

type FigureProps = {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
  readonly tone?: 'plain' | 'accent';
};

/** One number that matters, with what it means. */
export function Figure({ label, value, note, tone = 'plain' }: FigureProps) {
  return (
    <div className={`figure figure-${tone}`}>
      <p className="figure-label">{label}</p>
      <p className="figure-value tabular">{value}</p>
      {note === undefined ? null : <p className="figure-note muted">{note}</p>}
    </div>
  );
}

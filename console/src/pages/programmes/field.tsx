// A labelled field with a line of help.
import type { ReactNode } from 'react';

type FieldProps = {
  readonly id: string;
  readonly label: string;
  readonly help?: string | undefined;
  readonly children: ReactNode;
};

export function Field({ id, label, help, children }: FieldProps) {
  return (
    <div className="programmes-field">
      <label htmlFor={id}>{label}</label>
      {children}
      {help === undefined ? null : <p className="muted programmes-help">{help}</p>}
    </div>
  );
}

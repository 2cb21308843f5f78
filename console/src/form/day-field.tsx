// One calendar day, chosen and shown as the pages write days, whatever the browser's own language is.
import { DatePicker } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useShared } from '../words/language.ts';

type DayFieldProps = {
  readonly label: string;
  /** `2026-11-22`; undefined for none. */
  readonly value: string | undefined;
  readonly onChange: (day: string | undefined) => void;
  readonly latest?: string;
  /** A day that cannot be taken away. */
  readonly isNeeded?: boolean;
  readonly status?: 'error' | undefined;
  readonly className?: string;
};

export function DayField({ label, value, onChange, latest, isNeeded = false, status, className = '' }: DayFieldProps) {
  const shared = useShared();
  return (
    <DatePicker
      aria-label={label}
      className={className}
      format={shared('date_format')}
      value={value === undefined ? null : dayjs(value)}
      allowClear={!isNeeded}
      {...(latest === undefined ? {} : { maxDate: dayjs(latest) })}
      {...(status === undefined ? {} : { status })}
      onChange={(day: Dayjs | null) => onChange(day === null ? undefined : day.format('YYYY-MM-DD'))}
    />
  );
}

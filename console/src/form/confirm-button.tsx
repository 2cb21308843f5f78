// A button for what cannot be taken back: asks once, in place.
import { Button, Popconfirm, type ButtonProps } from 'antd';
import { useShared } from '../words/language.ts';

type ConfirmButtonProps = {
  readonly label: string;
  readonly question: string;
  readonly text?: string;
  readonly onConfirm: () => void;
} & Pick<ButtonProps, 'size' | 'type' | 'loading' | 'disabled'>;

export function ConfirmButton({ label, question, text, onConfirm, ...button }: ConfirmButtonProps) {
  const say = useShared();
  return (
    <Popconfirm
      title={question}
      {...(text === undefined ? {} : { description: text })}
      okText={label}
      okButtonProps={{ danger: true }}
      cancelText={say('cancel')}
      onConfirm={onConfirm}
    >
      <Button danger {...button}>
        {label}
      </Button>
    </Popconfirm>
  );
}

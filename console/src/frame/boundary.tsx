// A page that breaks says so in its own place; the navigation stays.
import { Button } from 'antd';
import { Component, type ReactNode } from 'react';
import { shared } from '../words/language.ts';
import { Empty } from './states.tsx';

type BoundaryProps = { readonly children: ReactNode };

export class Boundary extends Component<BoundaryProps, { readonly broken: Error | undefined }> {
  override state: { readonly broken: Error | undefined } = { broken: undefined };
  static getDerivedStateFromError(broken: Error): { readonly broken: Error } {
    return { broken };
  }
  override render(): ReactNode {
    const { broken } = this.state;
    if (broken === undefined) return this.props.children;
    return (
      <Empty
        title={shared('page_broken')}
        text={broken.message}
        action={<Button onClick={() => location.reload()}>{shared('try_again')}</Button>}
      />
    );
  }
}

// A mail as its reader sees it, in a frame that can reach nothing of the console.
import { useEffect, useRef, useState } from 'react';

type MailFrameProps = {
  readonly title: string;
  readonly html: string;
  readonly lang: string;
  readonly dark: boolean;
  readonly width: number | undefined;
};

const SOURCE = '/console/mail-frame';
const HEIGHT_MIN = 240;
const HEIGHT_MAX = 2_400;

export function MailFrame({ title, html, lang, dark, width }: MailFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [isReady, setReady] = useState(false);
  const [height, setHeight] = useState(480);
  useEffect(() => {
    const hear = (event: MessageEvent<{ readonly ready?: boolean; readonly height?: number }>): void => {
      if (event.source !== frame.current?.contentWindow) return;
      if (event.data.ready === true) setReady(true);
      if (typeof event.data.height === 'number')
        setHeight(Math.min(HEIGHT_MAX, Math.max(HEIGHT_MIN, event.data.height)));
    };
    window.addEventListener('message', hear);
    return () => window.removeEventListener('message', hear);
  }, []);
  useEffect(() => {
    // The frame has no origin that could be named.
    if (isReady) frame.current?.contentWindow?.postMessage({ html, lang, dark }, '*');
  }, [isReady, html, lang, dark]);
  return (
    <div className="templates-frame" tabIndex={0} role="region" aria-label={title}>
      <iframe
        ref={frame}
        title={title}
        src={SOURCE}
        sandbox="allow-scripts allow-popups"
        style={{ height, ...(width === undefined ? {} : { width }) }}
      />
    </div>
  );
}

import { Modal, type ModalProps } from '@mantine/core';
import { text } from '../text.ts';

/** A dialog with a title. Its header is no banner of the page, as assistive technology would take it otherwise. */
export function Dialog(props: ModalProps) {
  return (
    <Modal
      {...props}
      closeButtonProps={{ 'aria-label': text.actions.cancel }}
      attributes={{ header: { role: 'presentation' } }}
    />
  );
}

import { Button, Group, Modal, type ModalProps } from '@mantine/core';
import { text } from '../text.ts';

/** A dialog with a title. Its header is marked as no banner of the page, which assistive technology would take it for otherwise. */
export function Dialog(props: ModalProps) {
  return (
    <Modal
      {...props}
      closeButtonProps={{ 'aria-label': text.actions.cancel }}
      attributes={{ header: { role: 'presentation' } }}
    />
  );
}

interface DialogButtonsProps {
  readonly onCancel: () => void;
  /** The text of the button that submits the form. */
  readonly submit: string;
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
}

/** The buttons at the end of a form in a dialog. */
export function DialogButtons({ onCancel, submit, isBusy = false, isDisabled = false }: DialogButtonsProps) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onCancel}>
        {text.actions.cancel}
      </Button>
      <Button type="submit" loading={isBusy} disabled={isDisabled}>
        {submit}
      </Button>
    </Group>
  );
}

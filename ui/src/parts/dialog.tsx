// A dialog over the page. Never over another dialog.
import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";

export function DialogFrame({ title, onClose, foot, children }: { title: string; onClose: () => void; foot: ReactNode; children: ReactNode }) {
  return (
    <ModalOverlay className="veil" isOpen onOpenChange={(open) => !open && onClose()} isDismissable={false}>
      <Modal className="dialog">
        <Dialog>
          <div className="head">
            <Heading slot="title" level={2} className="title">
              {title}
            </Heading>
          </div>
          <div className="in">{children}</div>
          <div className="foot">{foot}</div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

// When a screen breaks, the window stays: the failure is shown where the screen was, with details to copy.
import { Component, type ReactNode } from "react";
import { FailurePanel } from "../parts/failure";

export class Boundary extends Component<{ place: unknown; children: ReactNode }, { broken: Error | null }> {
  override state: { broken: Error | null } = { broken: null };

  static getDerivedStateFromError(broken: unknown) {
    return { broken: broken instanceof Error ? broken : new Error(String(broken)) };
  }

  override componentDidUpdate(before: { place: unknown }) {
    if (before.place !== this.props.place && this.state.broken) this.setState({ broken: null });
  }

  override render() {
    const { broken } = this.state;
    if (!broken) return this.props.children;
    return (
      <div className="body">
        <FailurePanel failure={{ kind: "fault", code: "panicked", message: broken.message, details: { place: broken.stack?.split("\n")[1]?.trim() ?? "" } }} onRetry={() => this.setState({ broken: null })} />
      </div>
    );
  }
}

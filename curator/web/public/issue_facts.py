"""A sent issue in the words of schema.org, for search engines."""

from typing import Any

from markupsafe import Markup

from curator.audience import links
from curator.issues.corrections.values import Correction
from curator.mailings.archive.web_version import WebVersion
from curator.newsletters.values import NewsletterSpec
from curator.web import here
from curator.web.public.linked_data import CONTEXT, in_script, without_gaps


def issue_facts(shown: WebVersion, newsletter: NewsletterSpec, *, address: str, image_url: str | None) -> Markup:
    """Returns JSON-LD that may stand in a script element."""
    issue, document = shown.issue, shown.document
    paper = {
        "@type": "Periodical",
        "name": newsletter.name,
        "url": links.archive_url(here.app().settings.public_url, newsletter.slug),
    }
    number = {
        "@type": "PublicationIssue",
        "issueNumber": issue.number,
        "datePublished": issue.at.isoformat(),
        "isPartOf": paper,
    }
    return in_script(
        {
            "@context": CONTEXT,
            "@type": "NewsArticle",
            "headline": document.subject or here.say("Issue %(number)s", number=issue.number),
            "description": document.preheader,
            "url": address,
            "mainEntityOfPage": address,
            "datePublished": issue.at.isoformat(),
            "dateModified": shown.changed_at.isoformat(),
            "inLanguage": document.language,
            "image": image_url,
            "isPartOf": number,
            "publisher": {"@type": "Organization", "name": newsletter.name},
            "articleSection": [section.title for section in document.sections if section.title],
            "correction": [_correction(each) for each in shown.corrections],
        }
    )


def _correction(made: Correction) -> dict[str, Any]:
    return without_gaps({"@type": "CorrectionComment", "text": made.note, "datePublished": made.made_at.isoformat()})

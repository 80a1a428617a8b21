package example.handover.record;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.Constants;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.exceptions.PreconditionFailedException;
import java.util.Set;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Bundle;

/**
 * An update of a resource of these types must say which version it was made from.
 *
 * <p>HAPI honours If-Match but does not ask for it, and two clinicians who both take a review
 * without it would both be told that they have it. Creating (a PUT to an id that is not there
 * included) needs none. Inside a transaction the entry's own ifMatch counts, and one entry
 * without it fails the whole transaction.
 */
@Interceptor
public final class IfMatchRequired {
    private final Set<String> types;

    IfMatchRequired(Set<String> types) {
        this.types = Set.copyOf(types);
    }

    @Hook(Pointcut.STORAGE_PRESTORAGE_RESOURCE_UPDATED)
    public void updated(IBaseResource before, IBaseResource after, RequestDetails request) {
        String type = before.fhirType();
        if (request == null || !types.contains(type)) {
            return;
        }
        String id = before.getIdElement().getIdPart();
        boolean said = request.getResource() instanceof Bundle sent
                ? saidInEntry(sent, type + "/" + id)
                : request.getHeader(Constants.HEADER_IF_MATCH) != null;
        if (!said) {
            throw new PreconditionFailedException(
                    "An update of a " + type + " needs If-Match: read it again and send the version it was made from");
        }
    }

    private static boolean saidInEntry(Bundle sent, String url) {
        return sent.getEntry().stream()
                .map(Bundle.BundleEntryComponent::getRequest)
                .anyMatch(request -> request.hasIfMatch() && request.getUrl().endsWith(url));
    }
}
